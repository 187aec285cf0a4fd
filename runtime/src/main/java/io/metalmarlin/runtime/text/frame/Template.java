package io.metalmarlin.runtime.text.frame;

import io.metalmarlin.runtime.text.spec.Spec;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// `TemplateProcessing`: special tokens and the place of the text among them.
final class Template {
  private Template() {}

  static Frame of(Spec spec) {
    JsonNode single = spec.node().path("single");
    List<Integer> before = new ArrayList<>();
    List<Integer> behind = new ArrayList<>();
    int texts = 0;
    for (JsonNode part : single) {
      JsonNode token = part.path("SpecialToken").path("id");
      if (token.isString()) {
        (texts == 0 ? before : behind).addAll(ids(spec, token.stringValue()));
      } else if (part.path("Sequence").path("id").asString("").equals("A")) {
        texts++;
      } else {
        throw spec.wrong("single", "special tokens and the sequence A", part);
      }
    }
    if (texts != 1) {
      throw spec.wrong("single", "a list with the sequence A once", single);
    }
    return new Frame(array(before), array(behind));
  }

  private static List<Integer> ids(Spec spec, String token) {
    JsonNode ids = spec.node().path("special_tokens").path(token).path("ids");
    List<Integer> all = new ArrayList<>();
    for (JsonNode id : ids) {
      if (!id.isIntegralNumber() || !id.canConvertToInt()) {
        throw spec.wrong("special_tokens", "a list of ids for " + token, ids);
      }
      all.add(id.intValue());
    }
    if (all.isEmpty()) {
      throw spec.wrong("special_tokens", "a list of ids for " + token, ids);
    }
    return all;
  }

  private static int[] array(List<Integer> ids) {
    return ids.stream().mapToInt(Integer::intValue).toArray();
  }
}
