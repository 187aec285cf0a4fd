package io.metalmarlin.quant.calibrate;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeldOutTest {
  @ParameterizedTest
  @CsvSource({"1,''", "2,1", "4,3", "5,4", "9,4", "12,4 9", "64,4 9 14 19 24 29 34 39 44 49 54 59"})
  void every_fifth_micro_batch_or_the_last_of_fewer(int batches, String kept) {
    String found =
        IntStream.range(0, batches)
            .filter(b -> HeldOut.keeps(b, batches))
            .mapToObj(Integer::toString)
            .reduce((a, b) -> a + " " + b)
            .orElse("");
    assertThat(found).isEqualTo(kept);
  }
}
