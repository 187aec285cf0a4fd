package io.metalmarlin.runtime.text.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LibraryNumberTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0.0",
    "-3, -3.0",
    "-0.0, -0.0",
    "1e2, 100.0",
    "2.5E-1, 0.25",
    "18446744073709551615, 1.8446744073709552E19",
    "184467440737095516159, 1.8446744073709552E20",
    "0.184467440737095516159, 0.1844674407370955",
    "1e-400, 0.0",
    "0e999, 0.0",
    "1e999, Infinity",
    // Each one bit from the nearest double.
    "-5.9222554023430884, -5.922255402343088",
    "-6.5300811005198796, -6.53008110051988",
    "-7.2124663570689735, -7.212466357068973",
    "-7.3385795807439544, -7.338579580743955"
  })
  void numbersAreThoseOfTheLibrary(String text, double expected) {
    assertThat(LibraryNumber.parse(text)).isEqualTo(expected);
  }

  @Test
  void whatHasFewDigitsIsTheNearestDouble() {
    Random random = new Random(4);
    for (int i = 0; i < 10_000; i++) {
      String text = random.nextInt(1_000_000_000) + "." + random.nextInt(1_000_000);
      assertThat(LibraryNumber.parse(text)).isEqualTo(Double.parseDouble(text));
    }
  }
}
