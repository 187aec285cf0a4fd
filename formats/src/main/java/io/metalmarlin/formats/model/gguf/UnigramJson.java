package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.container.gguf.GgufNumbers;
import java.util.Base64;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A unigram vocabulary as the `tokenizers` library wants it. Texts are not cut at spaces, as
/// llama.cpp does not cut them.
final class UnigramJson {
  private static final String SPACE = "\u2581";

  private UnigramJson() {}

  /// Normalizer, pre-tokenizer, decoder and model.
  static void write(GgufVocabulary v, ObjectNode out) {
    ArrayNode steps = out.putObject("normalizer").put("type", "Sequence").putArray("normalizers");
    charsmap(v)
        .ifPresent(map ->
            steps
                .addObject()
                .put("type", "Precompiled")
                .put("precompiled_charsmap", Base64.getEncoder().encodeToString(map)));
    if (v.flag("remove_extra_whitespaces").orElse(false)) {
      steps.addObject().put("type", "Strip").put("strip_left", false).put("strip_right", true);
      ObjectNode merge = steps.addObject().put("type", "Replace").put("content", SPACE);
      merge.putObject("pattern").put("Regex", " {2,}");
    }
    out.set("pre_tokenizer", metaspace(v, out));
    out.set("decoder", metaspace(v, out));
    ObjectNode model = out.putObject("model").put("type", "Unigram");
    v.metadata()
        .whole(GgufVocabulary.PREFIX + "unknown_token_id")
        .ifPresentOrElse(id -> model.put("unk_id", id), () -> model.putNull("unk_id"));
    GgufNumbers scores =
        v.scores().orElseThrow(() -> v.malformed("tokenizer.ggml.scores is missing"));
    ArrayNode vocab = model.putArray("vocab");
    for (int id = 0; id < v.tokens().size(); id++) {
      vocab.addArray().add(v.tokens().get(id)).add(scores.real(id));
    }
    model.put("byte_fallback", false);
  }

  private static ObjectNode metaspace(GgufVocabulary v, ObjectNode factory) {
    boolean prefix = v.flag("add_space_prefix").orElse(false);
    return factory
        .objectNode()
        .put("type", "Metaspace")
        .put("replacement", SPACE)
        .put("prepend_scheme", prefix ? "always" : "never")
        .put("split", false);
  }

  private static Optional<byte[]> charsmap(GgufVocabulary v) {
    Optional<GgufNumbers> numbers =
        v.metadata().numbers(GgufVocabulary.PREFIX + "precompiled_charsmap");
    return numbers.map(n -> {
      if (!n.element().isWhole()) {
        throw v.malformed("precompiled_charsmap is " + n.display());
      }
      byte[] bytes = new byte[n.size()];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) n.whole(i);
      }
      return bytes;
    });
  }
}
