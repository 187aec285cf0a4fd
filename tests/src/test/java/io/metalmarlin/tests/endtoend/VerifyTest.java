package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/// `verify` on peers' packs and on our own, whole and spoilt.
class VerifyTest {
  @TempDir Path work;

  static Stream<PeerPack> packs() {
    return PeerPack.all();
  }

  @ParameterizedTest
  @MethodSource("packs")
  void a_peers_pack_with_its_tokenizer_has_no_error_for_its_own_target(PeerPack pack)
      throws IOException {
    Run run =
        Cli.run("verify", pack.complete(work.resolve("p")), "--target", pack.target(), "--json");
    assertThat(errors(run)).isEmpty();
    assertThat(run.exit()).isZero();
  }

  private static List<String> errors(Run run) {
    return run.result()
        .get("findings")
        .valueStream()
        .filter(f -> f.get("severity").asString().equals("error"))
        .map(JsonNode::toString)
        .toList();
  }
}
