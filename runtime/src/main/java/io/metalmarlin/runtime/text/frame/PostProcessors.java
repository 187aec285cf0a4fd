package io.metalmarlin.runtime.text.frame;

import io.metalmarlin.runtime.text.spec.Kinds;
import io.metalmarlin.runtime.text.spec.Kinds.Kind;
import io.metalmarlin.runtime.text.spec.Spec;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// The `post_processor` of `tokenizer.json`, by kind; only what it does to a single text. Offsets
/// (`trim_offsets`) are not kept, so `ByteLevel` changes nothing.
public final class PostProcessors {
  /// One line per kind.
  public static final Kinds<Frame> ALL =
      new Kinds<>(
          List.of(
              new Kind<>("TemplateProcessing", Template::of),
              new Kind<>("BertProcessing", PostProcessors::pair),
              new Kind<>("RobertaProcessing", PostProcessors::pair),
              new Kind<>("ByteLevel", s -> Frame.NONE),
              new Kind<>("Sequence", PostProcessors::sequence)));

  private PostProcessors() {}

  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` naming what is wrong or
  ///   not supported
  public static Frame of(Spec spec) {
    return spec.absent() ? Frame.NONE : ALL.read(spec);
  }

  private static Frame sequence(Spec spec) {
    Frame all = Frame.NONE;
    for (Spec step : spec.list("processors")) {
      all = all.within(of(step));
    }
    return all;
  }

  private static Frame pair(Spec spec) {
    return new Frame(new int[] {id(spec, "cls")}, new int[] {id(spec, "sep")});
  }

  /// `["[CLS]", 101]`.
  private static int id(Spec spec, String name) {
    JsonNode token = spec.node().path(name);
    if (!token.path(1).isIntegralNumber() || !token.path(1).canConvertToInt()) {
      throw spec.wrong(name, "a token and its id", token);
    }
    return token.path(1).intValue();
  }
}
