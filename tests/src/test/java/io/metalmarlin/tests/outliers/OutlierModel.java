package io.metalmarlin.tests.outliers;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.tests.outliers.OutlierSites.Part;
import io.metalmarlin.tests.outliers.OutlierSites.Site;
import io.metalmarlin.tests.support.RawCheckpoint;
import io.metalmarlin.tests.support.RawCheckpoint.Tensor;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.ObjectMapper;

/// `OutlierModel SOURCE OUT [SEED]`: a copy of a model whose inputs have outlier channels and whose
/// function is the same to the last bit. Weights that make a channel (norms, rows of up and value
/// matrices) are multiplied by a power of two, the columns that read it divided.
///
/// From the command line: `tests/outliers/run SOURCE OUT [SEED]`.
public final class OutlierModel {
  private OutlierModel() {}

  public static void main(String[] args) throws IOException {
    long seed = args.length > 2 ? Long.parseLong(args[2]) : 0;
    write(Path.of(args[0]), Path.of(args[1]), OutlierProfile.of(seed));
  }

  /// @param source a folder with `model*.safetensors` of BF16 or F32 tensors
  /// @param out absent or empty
  public static void write(Path source, Path out, OutlierProfile profile) throws IOException {
    RawCheckpoint checkpoint = RawCheckpoint.of(source);
    String config = Files.readString(source.resolve("config.json"));
    for (Site site : OutlierSites.of(checkpoint, new ObjectMapper().readTree(config))) {
      int[] exponents = profile.exponents(site.stream(), site.name(), site.width());
      site.makers().forEach(p -> scale(checkpoint, p, exponents, 1));
      site.readers().forEach(p -> scale(checkpoint, p, exponents, -1));
    }
    Files.createDirectories(out);
    try (Stream<Path> files = Files.list(source)) {
      for (Path f : files.filter(OutlierModel::describes).toList()) {
        Files.write(out.resolve(f.getFileName()), Files.readAllBytes(f));
      }
    }
    List<TensorInfo> infos = new ArrayList<>();
    checkpoint
        .tensors()
        .forEach((name, t) -> infos.add(new TensorInfo(name, DType.valueOf(t.dtype()), t.shape())));
    try (CheckpointWriter writer =
        Safetensors.INSTANCE.create(out, infos, Map.of("format", "pt"), Long.MAX_VALUE)) {
      checkpoint
          .tensors()
          .forEach((name, t) -> writer.write(name, 0, MemorySegment.ofArray(t.data())));
      writer.commit();
    }
  }

  /// Configuration and tokenizer; not the weights, nor reference values beside them.
  private static boolean describes(Path file) {
    String name = file.getFileName().toString();
    return name.contains("config") || name.startsWith("tokenizer");
  }

  private static void scale(RawCheckpoint checkpoint, Part part, int[] exponents, int sign) {
    Tensor t = checkpoint.tensors().get(part.tensor());
    float[] values = t.floats();
    int row = t.shape().size() == 1 ? 1 : Math.toIntExact(t.shape().get(1));
    for (int i = 0; i < values.length; i++) {
      int channel = part.channels()[part.rows() ? i / row : i % row];
      if (channel >= 0) {
        float scaled = Math.scalb(values[i], sign * exponents[channel]);
        if (values[i] != 0 && Math.abs(scaled) < Float.MIN_NORMAL || Float.isInfinite(scaled)) {
          throw new IllegalArgumentException(part.tensor() + " cannot be scaled without a loss");
        }
        values[i] = scaled;
      }
    }
    store(values, t);
  }

  /// Powers of two leave the low half of a BF16 number's bits zero.
  private static void store(float[] values, Tensor t) {
    ByteBuffer data = ByteBuffer.wrap(t.data()).order(ByteOrder.LITTLE_ENDIAN);
    boolean wide = t.dtype().equals("F32");
    for (float v : values) {
      int bits = Float.floatToRawIntBits(v);
      if (wide) {
        data.putInt(bits);
      } else {
        data.putShort((short) (bits >>> 16));
      }
    }
  }
}
