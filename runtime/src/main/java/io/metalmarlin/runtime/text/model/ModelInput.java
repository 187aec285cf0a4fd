package io.metalmarlin.runtime.text.model;

import io.metalmarlin.runtime.text.spec.Spec;
import io.metalmarlin.runtime.text.vocabulary.Vocabulary;
import java.util.List;

/// What a model is made of.
///
/// @param spec the settings in `model`
/// @param scores of Unigram by id
/// @param merges of BPE in rank order: left and right of rule i at 2i and 2i+1
/// @param bytes whether pieces stand for their UTF-8 bytes (a final `ByteLevel` pre-tokenizer)
public record ModelInput(
    Spec spec, Vocabulary vocabulary, List<Double> scores, List<String> merges, boolean bytes) {
  /// The id of a token that a setting names.
  ///
  /// @throws io.metalmarlin.formats.MarlinException `TOKENIZER_MALFORMED` if there is none
  int known(String setting, String token) {
    int id = vocabulary.id(token);
    if (id < 0) {
      throw spec.errors()
          .malformed("model.%s is \"%s\", which model.vocab has not".formatted(setting, token));
    }
    return id;
  }
}
