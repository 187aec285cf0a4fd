package io.metalmarlin.tests.fuzz;

import java.util.List;

/// One reader under fuzzing. A new container is one class here and one line in [#ALL]; a container
/// without a target fails the build.
interface FuzzTarget {
  List<FuzzTarget> ALL =
      List.of(
          new ContainerTarget("safetensors"),
          new ContainerTarget("gguf"),
          new ShardIndexTarget(),
          new ConfigTarget(),
          new TokenizerTarget(),
          new TemplateTarget(),
          new PiecesTarget(),
          new RanksTarget(),
          new BlockTarget(),
          new ImportanceTarget());

  /// What a test report calls it; `container:NAME` for the containers.
  String name();

  /// Reads the bytes as the reader under test would read a file. Returns normally for a sound input
  /// and for one that is refused with a message; anything else escapes.
  void read(byte[] input) throws Exception;

  /// Small sound inputs to start from.
  List<byte[]> seeds() throws Exception;

  /// The target of that name.
  static FuzzTarget named(String name) {
    return ALL.stream().filter(t -> t.name().equals(name)).findFirst().orElseThrow();
  }
}
