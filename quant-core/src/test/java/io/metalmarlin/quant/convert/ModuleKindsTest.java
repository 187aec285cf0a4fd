package io.metalmarlin.quant.convert;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Conversion judges by names what a quantizer knows from a declaration.
class ModuleKindsTest {
  static Stream<Path> models() throws IOException {
    try (Stream<Path> all = Files.list(Shared.path("models", "tiny"))) {
      return all.filter(Files::isDirectory).sorted().toList().stream();
    }
  }

  /// A rounded router sends tokens to other experts.
  @ParameterizedTest
  @MethodSource("models")
  void what_no_recipe_may_round_is_not_rounded(Path folder) {
    try (Model model = Models.open(folder)) {
      var tensors = model.checkpoint().tensors();
      List<String> rounded =
          model.spec().linears().stream()
              .filter(l -> l.exact())
              .map(l -> tensors.get(model.spec().tensor(l)))
              .filter(t -> t != null && ModuleKinds.packable(t))
              .map(TensorInfo::name)
              .toList();
      assertThat(rounded).isEmpty();
    }
  }
}
