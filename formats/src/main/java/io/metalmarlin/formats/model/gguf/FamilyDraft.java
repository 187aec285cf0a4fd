package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.gguf.GgufFamily.Epsilon;
import io.metalmarlin.formats.model.gguf.GgufFamily.Rotary;
import io.metalmarlin.formats.model.gguf.GgufFamily.Trait;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;

/// A [GgufFamily] in the making: Llama's names and sizes under another architecture until told
/// otherwise.
final class FamilyDraft {
  private final String architecture;
  private final String className;
  private List<String> modelTypes;
  private FamilyNames names = FamilyNames.LLAMA;
  private Map<String, String> spelling = Map.of();
  private UnaryOperator<ModelConfig> common = UnaryOperator.identity();
  private Epsilon epsilon = Epsilon.RMS;
  private Rotary rotary = Rotary.WHOLE;
  private double base = 10000;
  private Set<Trait> traits = Set.of();
  private List<String> buffers = List.of();

  private FamilyDraft(String architecture, String modelType, String className) {
    this.architecture = architecture;
    this.modelTypes = List.of(modelType);
    this.className = className;
  }

  static FamilyDraft of(String architecture, String modelType, String className) {
    return new FamilyDraft(architecture, modelType, className);
  }

  FamilyDraft types(String... all) {
    modelTypes = List.of(all);
    return this;
  }

  FamilyDraft names(FamilyNames own) {
    names = own;
    return this;
  }

  /// @param own the family's configuration keys for Llama's
  /// @param further what else makes a configuration one with Llama's keys
  FamilyDraft spelling(Map<String, String> own, UnaryOperator<ModelConfig> further) {
    spelling = own;
    common = further;
    return this;
  }

  FamilyDraft epsilon(Epsilon own) {
    epsilon = own;
    return this;
  }

  FamilyDraft rotary(Rotary own) {
    rotary = own;
    return this;
  }

  FamilyDraft base(double own) {
    base = own;
    return this;
  }

  FamilyDraft with(Trait... own) {
    traits = Set.of(own);
    return this;
  }

  FamilyDraft buffers(String... patterns) {
    buffers = List.of(patterns);
    return this;
  }

  /// The family, with these keys beyond those that all have.
  GgufFamily keys(FamilyKey... own) {
    return new GgufFamily(
        architecture,
        modelTypes,
        className,
        names,
        spelling,
        common,
        epsilon,
        rotary,
        base,
        List.of(own),
        traits,
        buffers);
  }
}
