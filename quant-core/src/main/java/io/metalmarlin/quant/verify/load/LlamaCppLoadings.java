package io.metalmarlin.quant.verify.load;

import static io.metalmarlin.quant.verify.load.Loading.loads;
import static io.metalmarlin.quant.verify.load.Loading.refuses;

import java.util.List;
import java.util.stream.Stream;

/// llama.cpp 0.5 (ggml-org/llama.cpp, `src/llama-model-loader.cpp`): one kind of file. Its
/// converter `convert_hf_to_gguf.py` reads Hugging Face folders; that is a conversion, not loading.
final class LlamaCppLoadings {
  private static final String NAME = "llama.cpp";

  static final List<Loading> ALL =
      Stream.concat(
              Stream.of(loads(NAME, "gguf")),
              Stream.of(
                      "compressed-tensors",
                      "modelopt",
                      "gptq",
                      "awq",
                      "auto-round",
                      "fp8",
                      "fp-quant",
                      "gpt-oss",
                      "mlx",
                      "marlin",
                      "hf-dense")
                  .map(f -> refuses(NAME, f, "it loads GGUF files only")))
          .toList();

  private LlamaCppLoadings() {}
}
