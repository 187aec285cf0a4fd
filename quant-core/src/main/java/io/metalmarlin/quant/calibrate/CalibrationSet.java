package io.metalmarlin.quant.calibrate;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.text.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntUnaryOperator;

/// The token windows a model is calibrated on: `samples` windows of `seqLen` tokens, no padding.
///
/// The documents are tokenized one after another into one stream, the stream is cut into windows of
/// `seqLen`, and `samples` of these are drawn without replacement by the seed and kept in text
/// order.
///
/// @param windows one array of `seqLen` ids each
/// @param sha256 digest of the ids, little-endian 32-bit, windows in order
public record CalibrationSet(String dataset, List<int[]> windows, int seqLen, String sha256) {
  /// @param wanted windows, from the number of those that the documents have
  /// @throws MarlinException `CALIBRATION_TOO_SHORT` if the documents hold fewer whole windows
  public static CalibrationSet of(
      String dataset,
      List<String> documents,
      Tokenizer tokenizer,
      IntUnaryOperator wanted,
      int seqLen,
      long seed) {
    List<int[]> parts = new ArrayList<>();
    long total = 0;
    for (String document : documents) {
      int[] ids = tokenizer.encode(document);
      parts.add(ids);
      total += ids.length;
    }
    long available = total / seqLen;
    int samples = wanted.applyAsInt((int) Math.min(available, Integer.MAX_VALUE));
    if (available < samples) {
      throw new MarlinException(
          ErrorCode.CALIBRATION_TOO_SHORT,
          dataset,
          "%d windows of %d tokens were asked for (%d tokens), the text has %d tokens (%d whole windows)"
              .formatted(samples, seqLen, (long) samples * seqLen, total, available),
          available > 0
              ? "Give more text with --dataset, or use --samples %d.".formatted(available)
              : "Give more text with --dataset, or a shorter --seq-len.");
    }
    int[] stream = concatenate(parts, Math.toIntExact(total));
    List<int[]> windows = new ArrayList<>();
    for (int w : draw((int) available, samples, seed)) {
      windows.add(Arrays.copyOfRange(stream, w * seqLen, (w + 1) * seqLen));
    }
    return new CalibrationSet(dataset, List.copyOf(windows), seqLen, digest(windows));
  }

  /// Some of the windows, evenly spread.
  ///
  /// @param part 0 or 1: two halves that share no window
  /// @param count of windows, at most half of all
  public CalibrationSet half(int part, int count) {
    List<int[]> chosen = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      long at = 2L * i + part;
      chosen.add(windows.get((int) (at * windows.size() / (2L * count))));
    }
    return new CalibrationSet(dataset, List.copyOf(chosen), seqLen, digest(chosen));
  }

  public int samples() {
    return windows.size();
  }

  public long tokens() {
    return (long) samples() * seqLen;
  }

  private static int[] concatenate(List<int[]> parts, int total) {
    int[] stream = new int[total];
    int at = 0;
    for (int[] p : parts) {
      System.arraycopy(p, 0, stream, at, p.length);
      at += p.length;
    }
    return stream;
  }

  /// `count` of `0 .. n-1` without replacement, ascending: the head of a seeded Fisher-Yates
  /// shuffle.
  private static int[] draw(int n, int count, long seed) {
    int[] order = new int[n];
    Arrays.setAll(order, i -> i);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < count; i++) {
      int j = i + random.nextInt(n - i);
      int t = order[i];
      order[i] = order[j];
      order[j] = t;
    }
    int[] drawn = Arrays.copyOf(order, count);
    Arrays.sort(drawn);
    return drawn;
  }

  private static String digest(List<int[]> windows) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (int[] w : windows) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * w.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asIntBuffer().put(w);
        sha.update(bytes);
      }
      return HexFormat.of().formatHex(sha.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
