package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.ModuleNames;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// How a checkpoint spells the names of its family: the language part of a multimodal model stands
/// behind a prefix, and models saved without their head miss the one that others have.
///
/// Told by the tensor names, at the norm or matrix that each family's first block begins with.
final class StoredNames {
  /// What stands before a name, and what is taken off it.
  private record Spelling(String prefix, String without) {
    String apply(String name) {
      return prefix + (name.startsWith(without) ? name.substring(without.length()) : name);
    }

    boolean fits(String name) {
      return name.startsWith(without);
    }
  }

  private static final List<Spelling> SPELLINGS =
      List.of(
          new Spelling("", ""),
          new Spelling("language_model.", ""),
          new Spelling("model.language_model.", "model."),
          new Spelling("model.language_model.", ""),
          new Spelling("language.", ""),
          new Spelling("thinker.", ""),
          new Spelling("model.text_model.", "model."),
          new Spelling("language_model.model.", ""),
          new Spelling("transformer.", ""),
          new Spelling("model.", ""),
          new Spelling("", "model."),
          new Spelling("", "transformer."),
          new Spelling("", "gpt_neox."));

  private StoredNames() {}

  /// The declaration with the names of the checkpoint; as it is where none of the known spellings
  /// is found, so that the names that are missing are the family's own.
  static ModelSpec of(ModelSpec spec, Checkpoint checkpoint) {
    if (spec.blocks().isEmpty() || spec.blocks().getFirst().linears().isEmpty()) {
      return spec;
    }
    String probe = spec.module(spec.blocks().getFirst().linears().getFirst());
    Set<String> tensors = checkpoint.tensors().keySet();
    for (Spelling s : SPELLINGS) {
      if (s.fits(probe) && holds(tensors, s.apply(probe))) {
        return renamed(spec, s, tensors);
      }
    }
    return spec;
  }

  private static ModelSpec renamed(ModelSpec spec, Spelling s, Set<String> tensors) {
    ModuleNames own = spec.names();
    WeightId head = spec.head().linear().id();
    String headName = head(own.module(head), s, tensors);
    if (s.equals(SPELLINGS.getFirst()) && headName.equals(own.module(head))) {
      return spec;
    }
    ModuleNames names =
        new ModuleNames() {
          @Override
          public String module(WeightId id) {
            return id.equals(head) ? headName : s.apply(own.module(id));
          }

          @Override
          public String stack(WeightId id) {
            return s.apply(own.stack(id));
          }
        };
    return spec.with(spec.blocks(), names);
  }

  /// The head stands beside the model's body, behind its prefix in some checkpoints only, behind a
  /// part of it in others, and under the name that later programs give it in all families.
  private static String head(String own, Spelling s, Set<String> tensors) {
    Stream<String> behindAnother =
        tensors.stream()
            .filter(t -> t.endsWith("." + own + ".weight"))
            .map(t -> t.substring(0, t.length() - ".weight".length()));
    return Stream.concat(Stream.of(own, s.apply(own), "lm_head"), behindAnother)
        .filter(name -> holds(tensors, name))
        .findFirst()
        .orElse(s.apply(own));
  }

  /// Whether any tensor belongs to the module, packed or not.
  private static boolean holds(Set<String> tensors, String module) {
    return tensors.contains(module + ".weight")
        || tensors.stream().anyMatch(t -> t.startsWith(module + "."));
  }
}
