package io.metalmarlin.runtime.eval;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.decode.Decoder;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What a reference model computed for the windows of a text, kept so that it need not run again:
/// the fp32 hidden states that its final norm and head read, at every scored position. Logits are
/// computed anew from them and are those of the run that wrote the file, bit for bit on the same
/// machine.
///
/// A safetensors file: `hidden` F32 `[windows * scored, width]`, `tokens` I32 `[windows, context]`,
/// `probe` F32 `[1, vocabulary]` the logits of the first scored position; metadata
/// `marlin_reference` (1) and `source`.
public final class ReferenceFile implements AutoCloseable {
  static final String MARK = "marlin_reference";
  static final String VERSION = "1";
  static final String SOURCE = "source";
  static final String HIDDEN = "hidden";
  static final String TOKENS = "tokens";
  static final String PROBE = "probe";

  // Of the same weights on another machine: sums in another order.
  private static final float TOLERANCE = 1e-3f;

  private final Path path;
  private final Checkpoint checkpoint;

  private ReferenceFile(Path path, Checkpoint checkpoint) {
    this.path = path;
    this.checkpoint = checkpoint;
  }

  /// Whether a path is such a file, and not a model.
  public static boolean is(Path path) {
    if (!Files.isRegularFile(path) || !path.toString().endsWith(".safetensors")) {
      return false;
    }
    try (Checkpoint c = Safetensors.INSTANCE.open(path)) {
      return c.metadata().containsKey(MARK);
    }
  }

  /// @throws MarlinException `REFUSED_FORMAT` for another version, `TENSOR_MISSING` and
  ///   `TENSOR_MISMATCH` for a file that is not as described
  public static ReferenceFile open(Path path) {
    Checkpoint c = Safetensors.INSTANCE.open(path);
    ReferenceFile file = new ReferenceFile(path, c);
    try {
      file.check();
      return file;
    } catch (MarlinException e) {
      c.close();
      throw e;
    }
  }

  private void check() {
    if (!VERSION.equals(checkpoint.metadata().get(MARK))) {
      throw new MarlinException(
          ErrorCode.REFUSED_FORMAT,
          path.toString(),
          "is a reference of version %s, this is %s"
              .formatted(checkpoint.metadata().get(MARK), VERSION),
          "Save it again with `marlin eval SOURCE --save-reference`.");
    }
    TensorInfo tokens = tensor(TOKENS, DType.I32);
    TensorInfo hidden = tensor(HIDDEN, DType.F32);
    tensor(PROBE, DType.F32);
    if (tokens.shape().get(1) < 4 || hidden.shape().get(0) != windows() * (long) scored()) {
      throw damaged(hidden + " beside " + tokens);
    }
  }

  private TensorInfo tensor(String name, DType dtype) {
    TensorInfo info = checkpoint.tensors().get(name);
    if (info == null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          path + ": " + name,
          "is missing",
          "Save it again with `marlin eval SOURCE --save-reference`.");
    }
    if (info.dtype() != dtype || info.shape().size() != 2) {
      throw damaged(info.toString());
    }
    return info;
  }

  private MarlinException damaged(String what) {
    return new MarlinException(
        ErrorCode.TENSOR_MISMATCH,
        path.toString(),
        "is no reference as marlin writes it: " + what,
        "Save it again with `marlin eval SOURCE --save-reference`.");
  }

  /// The model whose head belongs to it, as it was named.
  public String source() {
    return checkpoint.metadata().getOrDefault(SOURCE, "");
  }

  /// Tokens of a window.
  public int context() {
    return Math.toIntExact(checkpoint.tensors().get(TOKENS).shape().get(1));
  }

  public int windows() {
    return Math.toIntExact(checkpoint.tensors().get(TOKENS).shape().get(0));
  }

  /// Positions of a window that have a hidden state.
  int scored() {
    return scored(context());
  }

  static int scored(int context) {
    return context - 1 - context / 2;
  }

  /// @throws MarlinException `BAD_FLAG` when the evaluation has other windows, or the source other
  ///   sizes or another head
  void check(Decoder source, int context, int windows) {
    if (context != context() || windows != windows()) {
      throw new MarlinException(
          ErrorCode.BAD_FLAG,
          "--reference " + path,
          "holds %d windows of %d tokens, this evaluation has %d of %d"
              .formatted(windows(), context(), windows, context),
          "Use the text it was saved with, --context %d and --max-windows %d."
              .formatted(context(), windows()));
    }
    List<Long> shape = checkpoint.tensors().get(HIDDEN).shape();
    long vocabulary = checkpoint.tensors().get(PROBE).shape().get(1);
    if (shape.get(1) != source.spec().hidden() || vocabulary != source.spec().vocabulary()) {
      throw changed();
    }
    probe(source);
  }

  private void probe(Decoder source) {
    Backend backend = source.backend();
    int vocabulary = source.spec().vocabulary();
    try (Tensor hidden = backend.allocate(1, source.spec().hidden());
        Tensor out = backend.allocate(1, vocabulary);
        Arena arena = Arena.ofConfined()) {
      MemorySegment row = arena.allocate(4L * source.spec().hidden(), 64);
      read(0, 0, 1, row);
      backend.write(hidden, row);
      source.logits(hidden, 0, 1, out);
      MemorySegment logits = arena.allocate(4L * vocabulary, 64);
      backend.read(out, logits);
      MemorySegment expected = checkpoint.bytes(PROBE);
      for (int i = 0; i < vocabulary; i++) {
        float then = expected.get(JAVA_FLOAT_UNALIGNED, 4L * i);
        // Written so that NaN is a difference.
        if (!(Math.abs(logits.get(JAVA_FLOAT_UNALIGNED, 4L * i) - then)
            <= TOLERANCE * Math.max(1, Math.abs(then)))) {
          throw changed();
        }
      }
    }
  }

  private MarlinException changed() {
    return new MarlinException(
        ErrorCode.BAD_FLAG,
        "--reference " + path,
        "its source " + source() + " has another final norm or head than when it was saved",
        "Save it again with `marlin eval SOURCE --save-reference`.");
  }

  /// @throws MarlinException `BAD_FLAG` for other tokens than those of these windows
  void requireTokens(int firstWindow, int[] ids) {
    MemorySegment tokens = checkpoint.bytes(TOKENS);
    long at = 4L * firstWindow * context();
    for (int i = 0; i < ids.length; i++) {
      if (tokens.get(JAVA_INT_UNALIGNED, at + 4L * i) != ids[i]) {
        throw new MarlinException(
            ErrorCode.BAD_FLAG,
            "--reference " + path,
            "was saved on another text: window %d differs".formatted(firstWindow + i / context()),
            "Use the text it was saved with, or save it again.");
      }
    }
  }

  /// Copies hidden states.
  ///
  /// @param position first one, among the scored ones of the window
  void read(int window, int position, int count, MemorySegment out) {
    long row = 4L * checkpoint.tensors().get(HIDDEN).shape().get(1);
    long from = ((long) window * scored() + position) * row;
    MemorySegment.copy(checkpoint.bytes(HIDDEN), from, out, 0, count * row);
  }

  @Override
  public void close() {
    checkpoint.close();
  }
}
