package io.metalmarlin.tests.fuzz;

import io.metalmarlin.runtime.text.Tokenizer;
import io.metalmarlin.runtime.text.Tokenizers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/// tiktoken's rank file, and a short text through it.
record RanksTarget() implements FuzzTarget {
  @Override
  public String name() {
    return "tiktoken";
  }

  @Override
  public void read(byte[] input) throws Exception {
    try (ScratchFile scratch = new ScratchFile()) {
      scratch.write("qwen.tiktoken", input);
      scratch.write("config.json", "{\"model_type\":\"qwen\"}".getBytes(StandardCharsets.UTF_8));
      Tokenizer t = Tokenizers.read(scratch.folder());
      t.decode(t.encode("Hello  world 12"));
    }
  }

  @Override
  public List<byte[]> seeds() {
    StringBuilder lines = new StringBuilder();
    for (int b = 0; b < 256; b++) {
      lines
          .append(Base64.getEncoder().encodeToString(new byte[] {(byte) b}))
          .append(' ')
          .append(b)
          .append('\n');
    }
    return Seeds.texts(lines + "SGU= 256\n", "SGU= 0\n");
  }
}
