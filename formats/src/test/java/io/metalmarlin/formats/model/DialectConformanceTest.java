package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.json.PythonJson;
import io.metalmarlin.formats.model.gguf.GgufDialect;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.Schemes;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import io.metalmarlin.formats.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import tools.jackson.databind.node.ObjectNode;

/// What every dialect of the registry must do; a new one is tested without a new class.
class DialectConformanceTest {
  static final List<Dialect> DIALECTS = Dialects.ALL;

  /// One of these every dialect can write that writes packed matrices at all.
  private static final List<Scheme> SCHEMES =
      List.of(
          Nvfp4Scheme.INSTANCE,
          Nvfp4Scheme.SINGLE_LEVEL,
          new IntScheme(4, 64, ScaleType.F16, Zero.POINT));

  // A GGUF file describes itself: it is told by its container.
  static final List<Dialect> DESCRIBING =
      DIALECTS.stream().filter(d -> d.writes() && !(d instanceof GgufDialect)).toList();

  private static final List<String> MODULES =
      List.of("model.layers.0.mlp.up_proj", "model.layers.1.mlp.up_proj");

  @TempDir Path folder;

  private ModelConfig source() throws IOException {
    Files.writeString(
        folder.resolve("config.json"),
        "{\"model_type\":\"qwen3\",\"architectures\":[\"X\"],\"eps\":1e-06}");
    return ModelConfigs.read(folder);
  }

  @ParameterizedTest
  @FieldSource("DESCRIBING")
  void what_it_describes_is_detected_as_itself_and_read_back(Dialect dialect) throws IOException {
    Optional<Packing> packing =
        SCHEMES.stream().flatMap(s -> dialect.packingFor(s, DType.BF16).stream()).findFirst();
    FakeCheckpoint checkpoint = new FakeCheckpoint();
    Optional<InputTransform> transform =
        dialect.runsInputTransforms() ? Optional.of(new InputTransform(32)) : Optional.empty();
    SortedMap<String, StoredAs> packed = new TreeMap<>();
    for (String module : MODULES) {
      packing.ifPresent(p -> {
        packed.put(module, new StoredAs("NVFP4A16", p, Activations.NONE, transform));
        p.planes(32, 64)
            .forEach(plane ->
                checkpoint.tensors().put(plane.tensor(module).name(), plane.tensor(module)));
      });
    }
    checkpoint.with("lm_head.weight", DType.BF16, 8, 64);
    ModuleLayout layout = new ModuleLayout(packed, new TreeSet<>(Set.of("lm_head")));
    for (Map.Entry<String, ObjectNode> file : dialect.describe(source(), layout).entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), PythonJson.print(file.getValue(), 2, false));
    }
    ModelConfig written = ModelConfigs.read(folder);
    assertThat(Dialects.of(written, checkpoint)).isSameAs(dialect);
    assertThat(written.modelType()).isEqualTo("qwen3");
    for (String module : packed.keySet()) {
      PackedModule found = dialect.modules(written, checkpoint).get(module);
      assertThat(found.packing()).isEqualTo(packing.orElseThrow());
      assertThat(found.rows()).isEqualTo(32);
      assertThat(found.cols()).isEqualTo(64);
      assertThat(found.transform()).isEqualTo(transform);
    }
    assertThat(dialect.modules(written, checkpoint)).doesNotContainKey("lm_head");
  }

  @ParameterizedTest
  @FieldSource("DIALECTS")
  void has_no_packing_if_it_is_not_written(Dialect dialect) {
    boolean any = Schemes.ALL.stream().anyMatch(s -> dialect.packingFor(s, DType.BF16).isPresent());
    assertThat(any).isEqualTo(dialect.writes() && !(dialect instanceof HuggingFaceDense));
  }

  @ParameterizedTest
  @FieldSource("DIALECTS")
  void is_found_by_its_name(Dialect dialect) {
    assertThat(Dialects.named(dialect.name())).isSameAs(dialect);
  }

  @Test
  void module_names_are_a_bijection_over_all_weights() {
    Set<String> names = new HashSet<>();
    int weights = 0;
    for (Role role : NameTable.LLAMA.paths().keySet()) {
      boolean outside = role == Role.EMBEDDING || role == Role.FINAL_NORM || role == Role.HEAD;
      for (int layer = 0; layer < (outside ? 1 : 12); layer++) {
        WeightId id = outside ? WeightId.outside(role) : new WeightId(layer, role);
        names.add(NameTable.LLAMA.module(id));
        weights++;
      }
    }
    assertThat(names).hasSize(weights);
  }
}
