package io.metalmarlin.tests.support;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.StoredMatrix;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `DumpWeights PACK OUT.safetensors`: every packed linear weight of a checkpoint, read and decoded
/// by the product, as fp32 `MODULE.weight`. The Python oracle compares it with what other readers
/// decode.
public final class DumpWeights {
  private DumpWeights() {}

  public static void main(String[] args) throws IOException {
    Path out = Path.of(args[1]).toAbsolutePath();
    try (Model model = Models.open(Path.of(args[0]))) {
      Map<String, PackedMatrix> packed = packed(model);
      List<TensorInfo> infos =
          packed.entrySet().stream()
              .map(e ->
                  TensorInfo.of(e.getKey(), DType.F32, e.getValue().rows(), e.getValue().cols()))
              .toList();
      Path folder = Files.createTempDirectory(out.getParent(), "dump-");
      try (CheckpointWriter writer =
          Safetensors.INSTANCE.create(folder, infos, Map.of("format", "pt"), Long.MAX_VALUE)) {
        packed.forEach((name, m) -> writer.write(name, 0, MemorySegment.ofArray(decoded(m))));
        writer.commit();
      }
      Files.move(folder.resolve("model.safetensors"), out, StandardCopyOption.REPLACE_EXISTING);
      Files.delete(folder);
    }
  }

  private static Map<String, PackedMatrix> packed(Model model) {
    Map<String, PackedMatrix> packed = new LinkedHashMap<>();
    for (var linear : model.spec().linears()) {
      if (model.weights().matrix(linear) instanceof StoredMatrix.Packed p) {
        packed.put(model.spec().module(linear) + ".weight", p.matrix());
      }
    }
    return packed;
  }

  private static float[] decoded(PackedMatrix m) {
    float[] values = new float[m.rows() * m.cols()];
    m.decode(0, m.rows(), values);
    return values;
  }
}
