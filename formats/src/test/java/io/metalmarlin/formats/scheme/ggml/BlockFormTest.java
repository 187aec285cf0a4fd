package io.metalmarlin.formats.scheme.ggml;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// Blocks put together from numbers decode to what these numbers mean.
class BlockFormTest {
  static List<BlockForm> forms() {
    return BlockForms.ALL;
  }

  @ParameterizedTest
  @MethodSource("forms")
  void written_blocks_decode_to_their_numbers(BlockForm form) {
    SplittableRandom random = new SplittableRandom(5);
    int elements = form.type().blockElements();
    byte[] block = new byte[form.type().blockBytes()];
    float[] decoded = new float[elements];
    BlockNumbers numbers = new BlockNumbers(form);
    BlockNumbers read = new BlockNumbers(form);
    for (int repeat = 0; repeat < 50; repeat++) {
      // Whatever stood there before must not shine through.
      random.nextBytes(block);
      fill(form, numbers, random);

      form.write(numbers, block, 0);
      BlockCodecs.of(form.type()).decode(MemorySegment.ofArray(block), 0, 1, decoded, 0);
      form.readScales(block, 0, read);

      for (int i = 0; i < elements; i++) {
        int g = i / form.run();
        float scale = form.scale(numbers.step, numbers.scales[g]);
        float value = scale * level(form, numbers, i) - numbers.minStep * numbers.mins[g];
        assertThat(decoded[i]).as("weight %d", i).isCloseTo(value, within(0f));
      }
      assertThat(read.step).isEqualTo(numbers.step);
      assertThat(read.minStep).isEqualTo(numbers.minStep);
      assertThat(read.scales).isEqualTo(numbers.scales);
      assertThat(read.mins).isEqualTo(numbers.mins);
    }
  }

  @ParameterizedTest
  @MethodSource("forms")
  void the_code_of_a_scale_is_found_again(BlockForm form) {
    for (int code = form.leastScale(); code <= form.greatestScale(); code++) {
      assertThat(form.scaleCode(.0123f, form.scale(.0123f, code))).isEqualTo(code);
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"IQ3_XXS", "IQ2_XS", "IQ2_XXS"})
  void an_odd_number_of_negative_weights_is_refused(DType type) {
    BlockForm form = BlockForm.of(type).orElseThrow();
    BlockNumbers numbers = new BlockNumbers(form);
    numbers.codes[44] = PointForm.code(0, 44 % ((PointForm) form).width(), true);
    assertThatThrownBy(() -> form.write(numbers, new byte[type.blockBytes()], 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("weights 40 to 47");
  }

  @Test
  void types_of_other_kinds_have_no_form() {
    assertThat(BlockForm.of(DType.Q8_0)).isEmpty();
    assertThat(BlockForm.of(DType.TQ2_0)).isEmpty();
    assertThat(BlockForm.of(DType.Q4_K)).isPresent();
  }

  private static void fill(BlockForm form, BlockNumbers numbers, SplittableRandom random) {
    numbers.step = half(.01f + .01f * random.nextFloat());
    numbers.minStep = form.greatestMin() == 0 ? 0 : half(.01f + .01f * random.nextFloat());
    for (int g = 0; g < numbers.scales.length; g++) {
      numbers.scales[g] = random.nextInt(form.leastScale(), form.greatestScale() + 1);
      numbers.mins[g] =
          form.free() ? form.greatestMin() : random.nextInt(0, form.greatestMin() + 1);
    }
    for (int i = 0; i < numbers.codes.length; i++) {
      switch (form) {
        case LevelForm f -> numbers.codes[i] = (byte) random.nextInt(f.levels().length);
        case PointForm f -> {
          if (i % f.width() == 0) {
            int point = random.nextInt(f.points());
            for (int j = 0; j < f.width(); j++) {
              numbers.codes[i + j] = PointForm.code(point, j, random.nextBoolean());
            }
            int end = i + f.width();
            if (end % f.evenSigns() == 0) {
              int first = end - f.evenSigns();
              int negative = PointForm.signs(numbers.codes, first, f.evenSigns());
              if (f.evenSigns() > 1 && Integer.bitCount(negative) % 2 == 1) {
                numbers.codes[first] ^= (byte) 128;
              }
            }
          }
        }
      }
    }
  }

  private static float level(BlockForm form, BlockNumbers numbers, int i) {
    return switch (form) {
      case LevelForm f -> f.levels()[numbers.codes[i]];
      case PointForm f -> {
        int first = i / f.width() * f.width();
        int magnitude = f.magnitude(PointForm.point(numbers.codes, first), i - first);
        yield numbers.codes[i] < 0 ? -magnitude : magnitude;
      }
    };
  }

  private static float half(float x) {
    return Float.float16ToFloat(Float.floatToFloat16(x));
  }
}
