package io.metalmarlin.runtime.cpu;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.BackendProvider;
import io.metalmarlin.runtime.backend.Inputs;
import java.util.Optional;

/// Offers the processor; always there.
public final class CpuBackendProvider implements BackendProvider {
  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public Optional<String> unavailableBecause() {
    return Optional.empty();
  }

  @Override
  public Backend open(int threads, Inputs inputs) {
    return new CpuBackend(threads, inputs == Inputs.INT8 ? CpuKernels.INT8 : CpuKernels.SIMD);
  }
}
