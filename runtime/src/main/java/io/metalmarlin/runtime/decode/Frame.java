package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Tensor;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/// What lies between two stages of a mixer: everything the stages from here on need, by name. All
/// tensors have a row for each token, so that a calibrator can put them aside and come back.
///
/// Before the first stage a frame is the mixer's input, [#INPUT]; after the last its result,
/// [#OUTPUT].
public record Frame(SequencedMap<String, Tensor> tensors) {
  public static final String INPUT = "input";
  public static final String OUTPUT = "output";

  public static Frame of(String name, Tensor tensor) {
    SequencedMap<String, Tensor> one = new LinkedHashMap<>();
    one.put(name, tensor);
    return new Frame(one);
  }

  /// This frame and one tensor more.
  public Frame and(String name, Tensor tensor) {
    SequencedMap<String, Tensor> more = new LinkedHashMap<>(tensors);
    more.put(name, tensor);
    return new Frame(more);
  }

  /// @throws IllegalArgumentException if the frame has none of that name
  public Tensor get(String name) {
    Tensor t = tensors.get(name);
    if (t == null) {
      throw new IllegalArgumentException("a frame of " + tensors.keySet() + " has no " + name);
    }
    return t;
  }
}
