package io.metalmarlin.runtime.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class HubSettingsTest {
  @TempDir private Path home;

  private String token(Map<String, String> variables) {
    return HubSettings.of(variables).token().map(AccessToken::header).orElse("none");
  }

  @Test
  void theTokenIsTakenFromTheVariableThenTheNamedFileThenTheStoredOne() throws IOException {
    Path named = Files.writeString(home.resolve("named"), "hf_named\n");
    Files.writeString(home.resolve("token"), " hf_stored \n");
    String hf = home.toString();
    assertThat(token(Map.of("HF_HOME", hf))).isEqualTo("Bearer hf_stored");
    assertThat(token(Map.of("HF_HOME", hf, "HF_TOKEN_PATH", named.toString())))
        .isEqualTo("Bearer hf_named");
    assertThat(token(Map.of("HF_HOME", hf, "HF_TOKEN_PATH", named.toString(), "HF_TOKEN", "hf_v")))
        .isEqualTo("Bearer hf_v");
    assertThat(token(Map.of("HF_HOME", hf, "HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")))
        .isEqualTo("none");
    assertThat(token(Map.of("HF_HOME", home.resolve("no").toString()))).isEqualTo("none");
  }

  @Test
  void aTokenThatNoHeaderCanCarryIsRefusedUnprinted() {
    assertThatThrownBy(() -> HubSettings.of(Map.of("HF_TOKEN", "hf_a\u00e4secret")))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.ACCESS_DENIED);
              assertThat(e.where()).isEqualTo("HF_TOKEN");
              assertThat(e.getMessage()).doesNotContain("secret");
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "ON", "yes", "True"})
  void offlineIsReadAsTheLibraryReadsIt(String value) {
    assertThat(HubSettings.offline(Map.of("HF_HUB_OFFLINE", value))).isTrue();
    assertThat(HubSettings.offline(Map.of("HF_HUB_OFFLINE", "0"))).isFalse();
    assertThat(HubSettings.offline(Map.of("HF_HUB_OFFLINE", ""))).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"hub.example", "ftp://hub.example", "https://", "http://a b"})
  void anEndpointThatIsNoAddressIsRefused(String endpoint) {
    assertThatThrownBy(() -> HubSettings.of(Map.of("HF_ENDPOINT", endpoint)))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining("not an http or https address");
  }

  @Test
  void namesMayCarryARevisionAndAFile() {
    RepositoryName name = RepositoryName.parse("org/name@refs/pr/1:sub/x-Q4_0.gguf").orElseThrow();
    assertThat(name.revision()).isEqualTo("refs/pr/1");
    assertThat(name.file()).contains("sub/x-Q4_0.gguf");
    assertThat(name.spec()).isEqualTo("org/name@refs/pr/1:sub/x-Q4_0.gguf");
    assertThat(RepositoryName.parse("org/name:Q4_K_M").orElseThrow().file()).contains("Q4_K_M");
    assertThat(RepositoryName.parse("org/name:../x")).isEmpty();
    assertThat(RepositoryName.parse("org/name:")).isEmpty();
  }

  @Test
  void rangesAreJoinedAndTheirGapsCut() {
    Ranges ranges = new Ranges();
    ranges.add(10, 20);
    ranges.add(30, 40);
    ranges.add(20, 25);
    ranges.add(24, 30);
    ranges.add(5, 5);
    assertThat(ranges.bytes()).isEqualTo(30);
    assertThat(ranges.missing(50, 8))
        .containsExactly(
            new Ranges.Range(0, 8),
            new Ranges.Range(8, 10),
            new Ranges.Range(40, 48),
            new Ranges.Range(48, 50));
  }
}
