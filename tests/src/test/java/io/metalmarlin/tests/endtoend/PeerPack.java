package io.metalmarlin.tests.endtoend;

import io.metalmarlin.formats.testing.Shared;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// A pack that another tool made, and who is to load it.
///
/// @param target what `verify --target` is asked for
/// @param base folder of the checkpoint it was made from
record PeerPack(String tool, String name, String target, Path base) {
  private static final List<String> MLX =
      List.of(
          "affine-3bit-g64",
          "affine-4bit-g64",
          "affine-5bit-g128",
          "affine-6bit-g64",
          "affine-8bit-g64",
          "mixed_4_6",
          "mxfp4",
          "mxfp8",
          "nvfp4");

  private static final List<String> GGUF =
      List.of(
          "IQ3_M",
          "IQ4_XS",
          "MXFP4",
          "NVFP4",
          "NVFP4-from-ct",
          "NVFP4-from-modelopt",
          "Q3_K_M",
          "Q4_0",
          "Q5_1",
          "Q6_K",
          "Q8_0",
          "TQ2_0",
          "moe-Q4_K_M");

  /// Every pack of the shared data whose format this version reads.
  static Stream<PeerPack> all() {
    List<PeerPack> all = new ArrayList<>();
    for (String name : List.of("NVFP4", "NVFP4A16-2l")) {
      all.add(of("ct", name, "vllm"));
      all.add(of("ct", name, "transformers"));
    }
    for (String name :
        List.of(
            "FP8_BLOCK", "FP8_DYNAMIC", "INT8", "MXFP4A16", "W3A16", "W4A16-GPTQ", "W4A16_ASYM")) {
      all.add(of("ct", name, "vllm"));
    }
    all.add(of("modelopt", "FP8", "trtllm"));
    all.add(of("modelopt", "INT4_AWQ", "trtllm"));
    all.add(new PeerPack("ct", "NVFP4A16", "vllm", Models.sixBlocks()));
    all.add(of("modelopt", "NVFP4", "trtllm"));
    all.add(of("autoround", "nvfp4-llm_compressor", "vllm"));
    all.add(of("autoround", "gptq-w4g128", "vllm"));
    all.add(of("autoround", "awq-w4g128", "sglang"));
    all.add(new PeerPack("gguf", "Q4_K_M", "llama.cpp", Models.sixBlocks()));
    for (String name : MLX) {
      all.add(of("mlx", name, "mlx-lm"));
    }
    for (String name : GGUF) {
      all.add(of("gguf", name, "llama.cpp"));
    }
    return all.stream();
  }

  private static PeerPack of(String tool, String name, String target) {
    return new PeerPack(tool, name, target, Models.twoBlocks());
  }

  /// A copy with the tokenizer of its base, which the shared packs leave out, and without the
  /// expected values that lie beside them.
  Path complete(Path folder) throws IOException {
    Files.createDirectories(folder);
    copy(Shared.path("packs", tool, name), folder);
    for (String file :
        List.of("tokenizer.json", "tokenizer_config.json", "generation_config.json")) {
      Files.write(folder.resolve(file), Files.readAllBytes(base.resolve(file)));
    }
    return folder;
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.list(from)) {
      for (Path f : files.toList()) {
        if (!f.endsWith("expected.safetensors")) {
          // Bytes, not Files.copy: shared data is read-only and the copy must not be.
          Files.write(to.resolve(f.getFileName()), Files.readAllBytes(f));
        }
      }
    }
  }

  @Override
  public String toString() {
    return tool + "/" + name + " for " + target;
  }
}
