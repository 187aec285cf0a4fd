package io.metalmarlin.quant.verify;

import io.metalmarlin.quant.verify.check.ActivationScales;
import io.metalmarlin.quant.verify.check.ChatTemplate;
import io.metalmarlin.quant.verify.check.CodesInRange;
import io.metalmarlin.quant.verify.check.CompressedTensorsKeys;
import io.metalmarlin.quant.verify.check.ConfigReadable;
import io.metalmarlin.quant.verify.check.DenseFinite;
import io.metalmarlin.quant.verify.check.DenseTypes;
import io.metalmarlin.quant.verify.check.DuplicateTensors;
import io.metalmarlin.quant.verify.check.EndOfText;
import io.metalmarlin.quant.verify.check.FusedScales;
import io.metalmarlin.quant.verify.check.IndexClosed;
import io.metalmarlin.quant.verify.check.Leftovers;
import io.metalmarlin.quant.verify.check.ManifestDigests;
import io.metalmarlin.quant.verify.check.MlxKeys;
import io.metalmarlin.quant.verify.check.MlxMetalScales;
import io.metalmarlin.quant.verify.check.ModelOptKeys;
import io.metalmarlin.quant.verify.check.ModulesDecode;
import io.metalmarlin.quant.verify.check.PlanesFit;
import io.metalmarlin.quant.verify.check.ScalesSound;
import io.metalmarlin.quant.verify.check.ShapesFit;
import io.metalmarlin.quant.verify.check.ShardsReadable;
import io.metalmarlin.quant.verify.check.SparsityHolds;
import io.metalmarlin.quant.verify.check.StrayTensors;
import io.metalmarlin.quant.verify.check.TargetLoads;
import io.metalmarlin.quant.verify.check.TensorParallel;
import io.metalmarlin.quant.verify.check.TiedEmbedding;
import io.metalmarlin.quant.verify.check.TokenizerPresent;
import io.metalmarlin.quant.verify.check.UnderflowedGroups;
import java.util.List;

/// The checks of `marlin verify`, in the order in which their findings are printed: files first,
/// then configuration, tensors, numbers, and what stands around the weights. A new check is one
/// line here.
public final class Checks {
  public static final List<Check> ALL =
      List.of(
          new ShardsReadable(),
          new IndexClosed(),
          new DuplicateTensors(),
          new Leftovers(),
          new ManifestDigests(),
          new ConfigReadable(),
          new TargetLoads(),
          new CompressedTensorsKeys(),
          new ModelOptKeys(),
          new MlxKeys(),
          new PlanesFit(),
          new ShapesFit(),
          new StrayTensors(),
          new DenseTypes(),
          new TiedEmbedding(),
          new TensorParallel(),
          new ModulesDecode(),
          new ScalesSound(),
          new CodesInRange(),
          new SparsityHolds(),
          new FusedScales(),
          new ActivationScales(),
          new DenseFinite(),
          new UnderflowedGroups(),
          new MlxMetalScales(),
          new TokenizerPresent(),
          new ChatTemplate(),
          new EndOfText());

  private Checks() {}
}
