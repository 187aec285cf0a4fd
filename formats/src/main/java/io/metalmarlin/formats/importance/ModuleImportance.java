package io.metalmarlin.formats.importance;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.gguf.GgufFamilies;
import io.metalmarlin.formats.model.gguf.GgufNames;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The importance of a model's modules under their Hugging Face names: a file's entries, found
/// through the names that GGUF gives the modules.
public final class ModuleImportance {
  private static final String EMBEDDING = "token_embd.weight";

  private final ImportanceFile file;
  private final GgufNames names;
  private final Map<GgufNames.Experts, Integer> experts = new HashMap<>();

  /// @param modules all matrices of the model; experts of one stack are counted among them
  /// @throws MarlinException `UNSUPPORTED_MODEL` for a family that has no names in GGUF,
  ///   `TENSOR_MISSING` for a file without an entry for any of the modules
  public ModuleImportance(ImportanceFile file, ModelConfig config, Collection<String> modules) {
    this.file = file;
    this.names = new GgufNames(GgufFamilies.of(config));
    modules.forEach(
        m -> names.expertsOf(m).ifPresent(stack -> experts.merge(stack, 1, Integer::sum)));
    if (modules.stream().noneMatch(m -> entry(m).isPresent())) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          file.path().toString(),
          "none of its %d entries, for example %s, belongs to a matrix of this model"
              .formatted(file.entries().size(), file.entries().firstEntry().getKey()),
          "Give the importance that was computed with this model.");
    }
  }

  /// The file behind it.
  public ImportanceFile file() {
    return file;
  }

  /// The name that a module's tensor has in GGUF, and in importance files; empty where it has none.
  public Optional<String> tensor(String module) {
    return names
        .expertsOf(module)
        .map(GgufNames.Experts::stem)
        .or(() -> names.stem(module))
        .map(stem -> stem + ".weight");
  }

  /// The entry for a module, which for an expert is that of its whole stack.
  public Optional<Importance> entry(String module) {
    return tensor(module).map(file.entries()::get);
  }

  /// The mean squares of the columns of a module.
  ///
  /// @return one value for each column; empty without an entry
  /// @throws MarlinException `TENSOR_MISMATCH` for an entry of another width, except that of an
  ///   embedding, which llama.cpp's tools leave out of account as well
  public Optional<float[]> columns(String module, int cols) {
    Optional<Importance> entry = entry(module);
    if (entry.isEmpty()) {
      return Optional.empty();
    }
    float[] values = entry.get().values();
    int runs = names.expertsOf(module).map(experts::get).orElse(1);
    int run = names.expertsOf(module).isPresent() ? names.expert(module) : 0;
    if ((long) runs * cols != values.length || run >= runs) {
      if (entry.get().tensor().equals(EMBEDDING)) {
        return Optional.empty();
      }
      throw new MarlinException(
          ErrorCode.TENSOR_MISMATCH,
          file.path() + ": " + entry.get().tensor(),
          "has %d values, the matrix has %d x %d columns".formatted(values.length, runs, cols),
          "Give the importance that was computed with this model.");
    }
    return Optional.of(Arrays.copyOfRange(values, run * cols, (run + 1) * cols));
  }
}
