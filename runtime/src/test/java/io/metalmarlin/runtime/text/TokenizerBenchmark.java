package io.metalmarlin.runtime.text;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/// Megabytes per second of every kind of model beside the `tokenizers` library, one thread, the
/// same texts in pieces of about 8 KB, the best of several rounds. Run `main` with the test class
/// path.
final class TokenizerBenchmark {
  private static final int ROUNDS = 5;

  private TokenizerBenchmark() {}

  public static void main(String[] args) throws IOException {
    List<String> texts = new ArrayList<>();
    for (String file : List.of("exl3_c4.utf8", "exl3_code.utf8", "exl3_multilingual.utf8")) {
      for (String document : TextFiles.read(Shared.path("text", "calib", file))) {
        for (int at = 0; at < document.length(); at += 8000) {
          texts.add(document.substring(at, Math.min(document.length(), at + 8000)));
        }
      }
    }
    long bytes = texts.stream().mapToLong(t -> t.getBytes(StandardCharsets.UTF_8).length).sum();
    for (String name :
        List.of("bytes", "fallback", "suffix", "prefix", "unigram", "wordpiece", "wordlevel")) {
      ObjectNode root = Peer.file(name);
      Tokenizer ours =
          Tokenizers.of(Path.of(name), root.toString().getBytes(StandardCharsets.UTF_8));
      try (HuggingFaceTokenizer theirs = TokenizerFiles.reference(root)) {
        double a = seconds(() -> texts.forEach(ours::encode));
        double b = seconds(() -> texts.forEach(t -> theirs.encode(t, false, false).getIds()));
        System.out.printf(
            "%-10s ours %6.1f MB/s, tokenizers %6.1f MB/s, ratio %.2f%n",
            name, bytes / a / 1e6, bytes / b / 1e6, b / a);
      }
    }
  }

  private static double seconds(Runnable work) {
    double best = Double.MAX_VALUE;
    for (int i = 0; i < ROUNDS; i++) {
      long start = System.nanoTime();
      work.run();
      best = Math.min(best, (System.nanoTime() - start) / 1e9);
    }
    return best;
  }
}
