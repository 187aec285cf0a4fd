package io.metalmarlin.quant.fold;

import io.metalmarlin.formats.model.InputTransform;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.runtime.load.CheckpointWeights;
import io.metalmarlin.runtime.model.Model;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What is folded into a model, and how its inputs are transformed where each has its own way.
public final class Folding {
  /// What reports say of an input that stays as it is.
  public static final String NONE = "none";

  private final Map<String, Scaling> scalings = new HashMap<>();
  private final Map<WeightId, String> names = new HashMap<>();
  private final Map<WeightId, Optional<InputTransform>> transforms = new HashMap<>();

  /// Adds the scaling of a site.
  ///
  /// @param exponents binary logarithms, one for each channel, by which the readers' columns grow
  public void add(Model model, FoldSite site, String name, int[] exponents) {
    int block = site.place().block();
    for (FoldSite.Maker m : site.makers()) {
      int[] rows = FoldSite.spread(exponents, m.channelOf(), -1);
      scalings.merge(m.tensor(), Scaling.ofRows(block, rows), Scaling::and);
    }
    for (Linear l : site.readers()) {
      Scaling columns = Scaling.ofColumns(block, site.columns(exponents));
      scalings.merge(model.spec().tensor(l), columns, Scaling::and);
      names.put(l.id(), name);
    }
  }

  /// Sets how the readers' input is transformed.
  public void transform(FoldSite site, Optional<InputTransform> transform) {
    site.readers().forEach(l -> transforms.put(l.id(), transform));
  }

  /// How the input of a linear is transformed; what is given where nothing was chosen.
  public Optional<InputTransform> transform(Linear linear, Optional<InputTransform> given) {
    return transforms.getOrDefault(linear.id(), given);
  }

  /// Whether a tensor is another one than the source's.
  public boolean scales(String tensor) {
    return scalings.containsKey(tensor);
  }

  /// What was folded into the input of a linear.
  public String of(Linear linear) {
    return names.getOrDefault(linear.id(), NONE);
  }

  /// The model with all of it; its checkpoint is to be closed, and the model's own stays open.
  public Model applyTo(Model model) {
    FoldedCheckpoint folded = new FoldedCheckpoint(model.checkpoint(), Map.copyOf(scalings));
    return new Model(
        model.folder(),
        folded,
        model.config(),
        model.dialect(),
        model.spec(),
        new CheckpointWeights(folded, model.config(), model.dialect(), model.spec()));
  }
}
