package io.metalmarlin.runtime.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.cpu.CpuBackend;
import io.metalmarlin.runtime.load.Models;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.Sequences;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// NVFP4 weights: dot products straight from the codes (few rows) against decoded panels (many
/// rows).
class PackedDecodeTest {
  @Test
  void token_by_token_equals_the_full_pass_to_1e_4() {
    try (Model model = Models.open(Shared.path("packs", "ct", "NVFP4A16"));
        Backend backend = new CpuBackend(2);
        Decoder decoder = new Decoder(model.spec(), model.weights(), backend);
        var cache = backend.cache(model.spec(), 12, null);
        Tensor hidden = backend.allocate(1, model.spec().hidden());
        Tensor out = backend.allocate(1, model.spec().vocabulary())) {
      int[] ids = new SplittableRandom(8).ints(12, 0, 8192).toArray();
      float[] full = Runs.logits(model, backend, ids);
      for (int i = 0; i < ids.length; i++) {
        decoder.forward(new int[] {ids[i]}, hidden, new Sequences(1, 1, i), cache);
      }
      decoder.logits(hidden, 0, 1, out);
      float[] last = Arrays.copyOfRange(full, 11 * 8192, 12 * 8192);
      assertThat(Runs.largestDifference(Runs.values(backend, out), last)).isLessThan(1e-4);
    }
  }
}
