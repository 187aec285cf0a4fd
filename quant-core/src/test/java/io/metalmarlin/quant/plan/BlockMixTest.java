package io.metalmarlin.quant.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.model.Role;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.formats.tensor.DType;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// llama.cpp's choices; the types of whole files it wrote are compared in `MixedTest`.
class BlockMixTest {
  private static final BlockMix.Shape LLAMA_8B = new BlockMix.Shape(32, 0, 4, "llama");

  /// The layers whose value and down matrices get more bits in a published Llama 3 8B Q4_K_M.
  @Test
  void q4_k_m_of_32_layers() {
    List<Integer> more =
        IntStream.range(0, 32)
            .filter(i -> type("Q4_K_M", i, Role.DOWN, LLAMA_8B) == DType.Q6_K)
            .boxed()
            .toList();
    assertThat(more).containsExactly(0, 1, 2, 3, 6, 9, 12, 15, 18, 21, 24, 27, 28, 29, 30, 31);
    for (int i = 0; i < 32; i++) {
      assertThat(type("Q4_K_M", i, Role.V, LLAMA_8B))
          .isEqualTo(type("Q4_K_M", i, Role.DOWN, LLAMA_8B));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "Q3_K_M, 0, V, 32, 0, llama, Q5_K",
    "Q3_K_M, 2, V, 32, 0, llama, Q4_K",
    "Q3_K_M, 1, DOWN, 32, 0, llama, Q5_K",
    "Q3_K_M, 2, DOWN, 32, 0, llama, Q4_K",
    "Q3_K_M, 9, O, 32, 0, llama, Q4_K",
    "Q3_K_M, 9, O, 32, 8, mixtral, Q5_K",
    "Q3_K_L, 9, O, 32, 0, llama, Q5_K",
    "Q3_K_L, 9, DOWN, 32, 0, falcon, Q4_K",
    "Q4_K_M, 5, GATE, 32, 0, llama, Q4_K",
    "Q4_K_M, 5, V, 32, 8, mixtral, Q8_0",
    "Q4_K_M, 5, K, 32, 8, mixtral, Q8_0",
    "Q4_K_M, 10, V, 80, 0, llama, Q5_K",
    "Q4_K_M, 10, V, 80, 0, qwen3, Q4_K",
    "Q4_K_S, 3, V, 32, 0, llama, Q5_K",
    "Q4_K_S, 4, V, 32, 0, llama, Q4_K",
    "Q4_K_S, 4, DOWN, 32, 0, llama, Q4_K",
    "Q5_K_M, 0, DOWN, 32, 0, llama, Q6_K",
    "Q5_K_S, 0, DOWN, 32, 0, llama, Q5_K",
    "Q2_K_S, 0, V, 32, 0, llama, Q4_K",
    "Q2_K_S, 3, DOWN, 32, 0, llama, Q4_K",
    "Q2_K_S, 4, DOWN, 32, 0, llama, Q2_K",
    "IQ3_M, 9, V, 32, 0, llama, Q4_K",
    "IQ3_M, 9, O, 32, 0, llama, Q4_K",
    "IQ3_M, 9, K, 32, 0, llama, IQ3_S",
    "IQ3_M, 3, DOWN, 32, 0, llama, Q4_K",
    "IQ3_M, 4, DOWN, 32, 0, llama, IQ3_S",
    "IQ3_M, 6, DOWN, 32, 8, mixtral, Q4_K",
    "IQ3_XS, 9, Q, 32, 0, llama, IQ3_XXS",
    "IQ3_XS, 9, K, 32, 0, llama, IQ3_XXS",
    "IQ3_XS, 9, V, 32, 0, llama, Q4_K",
    "IQ3_XS, 3, UP, 32, 0, llama, IQ3_S",
    "IQ3_XS, 4, UP, 32, 0, llama, IQ3_XXS",
    "IQ3_XS, 27, GATE, 32, 0, llama, IQ3_XXS",
    "IQ3_XS, 28, GATE, 32, 0, llama, IQ3_S",
    "IQ3_XS, 9, O, 32, 8, mixtral, Q5_K",
    "IQ2_M, 9, V, 32, 0, llama, Q4_K",
    "IQ2_M, 9, O, 32, 0, llama, IQ3_S",
    "IQ2_M, 3, DOWN, 32, 0, llama, IQ3_S",
    "IQ2_M, 4, DOWN, 32, 0, llama, IQ2_S",
    "IQ2_M, 9, K, 32, 8, mixtral, Q4_K"
  })
  void rules(String mix, int layer, Role role, int layers, int experts, String family, DType type) {
    BlockMix.Shape shape = new BlockMix.Shape(layers, experts, 4, family);
    assertThat(type(mix, layer, role, shape)).isEqualTo(type);
  }

  private static DType type(String mix, int layer, Role role, BlockMix.Shape shape) {
    return BlockMixes.named(mix).orElseThrow().of(new WeightId(layer, role), shape);
  }
}
