package io.metalmarlin.formats.scheme.ggml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The codebooks are the published ones, and signs are even.
class GridTest {
  @ParameterizedTest
  @CsvSource({
    "IQ1_S, 07540ffc1aeaf6ad4d97e96b0fcc765aae39671d4ae4a27bbd0e796fde167c6a",
    "IQ2_S, e1aa1473412b0552c2174c30ef22ab4073f6a181b85a17056e8249bd2932fd88",
    "IQ2_XS, 06e47aaca60b4dc1d9b5a3f34540437058a6b142b4d7a59d5ded769b4d1bf1de",
    "IQ2_XXS, 05826b5d3e472a3a78f196be62ac78acf81df0f909626e12ab9fa2a5d490dd54",
    "IQ3_S, bd1af4945a1717c65610b0284e4628b9a1ba3b306fae3a06f6e5f597356e349f",
    "IQ3_XXS, 46e35f5a997efdee6c99ce57854c8a0d4f0ff8ca57e5e8a60c0793ea580acf5d"
  })
  void is_the_table_of_gguf_0_19(String name, String sha256) throws Exception {
    try (InputStream in = Grid.class.getResourceAsStream("ggml-grids/" + name + ".i8")) {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(in.readAllBytes());
      assertThat(HexFormat.of().formatHex(digest)).isEqualTo(sha256);
    }
  }

  @Test
  void the_eighth_sign_makes_the_number_of_negative_values_even() {
    for (int pattern = 0; pattern < 128; pattern++) {
      int signs = Grid.signs(pattern);
      assertThat(signs & 127).isEqualTo(pattern);
      assertThat(Integer.bitCount(signs) % 2).as("signs of %d", pattern).isZero();
    }
  }
}
