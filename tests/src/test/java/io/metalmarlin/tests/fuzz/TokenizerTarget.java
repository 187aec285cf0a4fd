package io.metalmarlin.tests.fuzz;

import io.metalmarlin.runtime.text.Tokenizer;
import io.metalmarlin.runtime.text.Tokenizers;
import java.util.List;

/// `tokenizer.json`, and a short text through what it describes.
record TokenizerTarget() implements FuzzTarget {
  @Override
  public String name() {
    return "tokenizer.json";
  }

  @Override
  public void read(byte[] input) throws Exception {
    try (ScratchFile scratch = new ScratchFile()) {
      scratch.write("tokenizer.json", input);
      Tokenizer t = Tokenizers.read(scratch.folder());
      t.decode(t.encode("Hello  world 12"));
    }
  }

  @Override
  public List<byte[]> seeds() {
    return Seeds.texts(
        "{\"version\":\"1.0\",\"added_tokens\":[{\"id\":3,\"content\":\"<e>\",\"special\":true}],"
            + "\"normalizer\":{\"type\":\"NFC\"},\"pre_tokenizer\":{\"type\":\"ByteLevel\","
            + "\"add_prefix_space\":false,\"use_regex\":true},\"decoder\":{\"type\":\"ByteLevel\"},"
            + "\"model\":{\"type\":\"BPE\",\"vocab\":{\"H\":0,\"e\":1,\"He\":2},"
            + "\"merges\":[\"H e\"]}}",
        "{\"pre_tokenizer\":{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"Split\","
            + "\"pattern\":{\"Regex\":\"\\\\p{L}+|\\\\s+(?!\\\\S)\"},\"behavior\":\"Isolated\"},"
            + "{\"type\":\"Digits\",\"individual_digits\":true}]},"
            + "\"model\":{\"type\":\"BPE\",\"vocab\":{\"H\":0},\"merges\":[]}}");
  }
}
