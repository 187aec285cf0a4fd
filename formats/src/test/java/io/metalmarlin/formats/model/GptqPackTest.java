package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Packs of auto-round in GPTQ's and AWQ's layout: the values, and the bytes written back.
class GptqPackTest {
  private static final Pattern KEY = Pattern.compile("(.+)\\.weight\\[(\\d+):(\\d+)]");

  @ParameterizedTest
  @ValueSource(strings = {"gptq-w4g128", "awq-w4g128"})
  void decodes_to_the_peers_values_and_encodes_to_its_bytes(String pack) {
    Path folder = Shared.path("packs", "autoround", pack);
    ModelConfig config = ModelConfigs.read(folder);
    try (Checkpoint theirs = Containers.open(folder);
        Checkpoint expected = Containers.open(folder.resolve("expected.safetensors"))) {
      Dialect dialect = Dialects.of(config, theirs);
      assertThat(dialect.name()).isEqualTo(pack.substring(0, pack.indexOf('-')));
      Map<String, PackedModule> modules = dialect.modules(config, theirs);
      assertThat(modules).hasSize(14);
      int decoded = 0;
      for (String key : expected.tensors().keySet()) {
        Matcher k = KEY.matcher(key);
        assertThat(k.matches()).as(key).isTrue();
        PackedModule module = modules.get(k.group(1));
        if (module != null) {
          int from = Integer.parseInt(k.group(2));
          int to = Integer.parseInt(k.group(3));
          float[] ours = new float[(to - from) * module.cols()];
          module.matrix(theirs).decode(from, to, ours);
          assertThat(ours).as(key).isEqualTo(dense(expected, key));
          decoded++;
        }
      }
      assertThat(decoded).isEqualTo(2);
      modules.values().forEach(module -> encodesToTheSameBytes(module, theirs));
    }
  }

  private static void encodesToTheSameBytes(PackedModule module, Checkpoint theirs) {
    GroupPacking packing = (GroupPacking) module.packing();
    assertThat(packing.scheme().zero()).isEqualTo(Zero.NONE);
    List<Plane> planes = packing.planes(module.rows(), module.cols());
    List<MemorySegment> ours =
        planes.stream()
            .map(p -> MemorySegment.ofArray(new byte[(int) p.tensor("m").byteSize()]))
            .toList();
    packing.encode((QuantizedMatrix) module.matrix(theirs), ours);
    for (int i = 0; i < ours.size(); i++) {
      TensorInfo tensor = planes.get(i).tensor(module.stem());
      assertThat(ours.get(i).mismatch(theirs.bytes(tensor.name()))).as(tensor.name()).isEqualTo(-1);
    }
  }

  private static float[] dense(Checkpoint c, String name) {
    TensorInfo info = c.tensors().get(name);
    float[] out = new float[(int) info.elements()];
    Floats.widen(info.dtype(), c.bytes(name), 0, out, 0, out.length);
    return out;
  }
}
