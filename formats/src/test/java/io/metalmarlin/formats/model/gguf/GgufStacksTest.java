package io.metalmarlin.formats.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.ModelConfigs;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

/// The experts of gpt-oss, whose gate and up take turns in one stack, are three stacks in a file.
class GgufStacksTest {
  private static final String EXPERTS = "model.layers.0.mlp.experts.";
  private static final int COUNT = 4;
  private static final int IN = 64;
  private static final int INNER = 48;

  private final ModelConfig config = ModelConfigs.read(Shared.path("models/tiny/gpt_oss"));

  private GgufTarget target(String name, TensorInfo... tensors) {
    return GgufLayout.of(config, List.of(tensors)).targets().stream()
        .filter(t -> t.name().equals("blk.0." + name))
        .findFirst()
        .orElseThrow();
  }

  private static float[] counted(int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = i;
    }
    return values;
  }

  @Test
  void a_stack_is_turned_and_taken_apart() {
    TensorInfo stack = TensorInfo.of(EXPERTS + "gate_up_proj", DType.BF16, COUNT, IN, 2 * INNER);
    float[] source = counted((int) stack.elements());
    GgufTarget up = target("ffn_up_exps.weight", stack);
    assertThat(up.shape()).containsExactly((long) COUNT, (long) INNER, (long) IN);
    float[] written = up.values(source, COUNT);
    for (int e = 0; e < COUNT; e++) {
      for (int row = 0; row < INNER; row++) {
        for (int k = 0; k < IN; k++) {
          float expected = source[(e * IN + k) * 2 * INNER + 2 * row + 1];
          assertThat(written[(e * INNER + row) * IN + k]).isEqualTo(expected);
        }
      }
    }
    TensorInfo down = TensorInfo.of(EXPERTS + "down_proj", DType.BF16, COUNT, INNER, IN);
    GgufTarget turned = target("ffn_down_exps.weight", down);
    assertThat(turned.shape()).containsExactly((long) COUNT, (long) IN, (long) INNER);
    assertThat(turned.values(source, COUNT)[1]).isEqualTo(IN);
  }

  @Test
  void biases_go_with_their_matrices_in_full_precision() {
    TensorInfo bias = TensorInfo.of(EXPERTS + "gate_up_proj_bias", DType.BF16, COUNT, 2 * INNER);
    GgufTarget gate = target("ffn_gate_exps.bias", bias);
    assertThat(gate.f32()).isTrue();
    assertThat(gate.shape()).containsExactly((long) COUNT, (long) INNER);
    float[] written = gate.values(counted((int) bias.elements()), COUNT);
    assertThat(written[1]).isEqualTo(2);
    assertThat(written[INNER]).isEqualTo(2 * INNER);
    TensorInfo sinks = TensorInfo.of("model.layers.0.self_attn.sinks", DType.BF16, COUNT);
    assertThat(target("attn_sinks.weight", sinks).f32()).isTrue();
  }

  @Test
  void packed_experts_keep_their_rows_whole() {
    TensorInfo[] experts =
        IntStream.range(0, COUNT)
            .mapToObj(e -> EXPERTS + e + ".gate_up_proj.weight")
            .map(name -> TensorInfo.of(name, DType.MXFP4, 2 * INNER, IN))
            .toArray(TensorInfo[]::new);
    GgufTarget up = target("ffn_up_exps.weight", experts);
    assertThat(up.sources()).hasSize(COUNT);
    assertThat(up.move().wholeRows()).isTrue();
    assertThat(up.move().sourceRow(3, 2 * INNER)).isEqualTo(7);
    assertThatThrownBy(() -> target("ffn_up_exps.weight", experts[0], experts[1]))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("one of 2 experts, the configuration has 4");
  }

  @Test
  void a_stack_of_another_size_is_named() {
    TensorInfo stack = TensorInfo.of(EXPERTS + "gate_up_proj", DType.BF16, 3, IN, 2 * INNER);
    assertThatThrownBy(() -> target("ffn_up_exps.weight", stack))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("no stack of 4 experts");
  }

  @Test
  void the_configuration_says_what_llama_cpp_has_built_in() {
    var keys = GgufKeys.of(config, "test", 0);
    assertThat(keys.text("gpt-oss.rope.scaling.type")).hasValue("yarn");
    assertThat(keys.whole("gpt-oss.expert_count")).hasValue(COUNT);
    assertThat(keys.whole("gpt-oss.attention.sliding_window")).hasValue(8);
    ObjectNode root = config.root().deepCopy();
    root.put("swiglu_limit", 5.0);
    assertThatThrownBy(() -> GgufKeys.of(new ModelConfig(config.file(), root), "test", 0))
        .hasMessageContaining("swiglu_limit");
  }
}
