package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Tensor;

/// Sees the input of each input group of a block while the decoder runs it: `[tokens, in]`, valid
/// only during the call.
@FunctionalInterface
public interface Tap {
  Tap NONE = (group, input) -> {};

  void input(String inputGroup, Tensor input);
}
