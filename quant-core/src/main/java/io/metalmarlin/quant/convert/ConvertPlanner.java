package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.importance.ModuleImportance;
import io.metalmarlin.formats.model.DenseType;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.model.TransposedModules;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.plan.Target;
import io.metalmarlin.runtime.blas.Workers;
import java.lang.foreign.SegmentAllocator;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.DoubleConsumer;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ObjectNode;

/// Makes a [ConvertPlan]: decides what happens to every tensor and finds every reason not to start.
/// Writes nothing, and reads scales only where the grids alone do not decide.
public final class ConvertPlanner {
  private static final int NAMES = 3;

  private final ConvertSource source;
  private final ConvertRequest request;
  private final Path output;
  private final DType model;
  private final Candidates candidates;
  private final LossyFit lossy;
  private final Optional<Packing> wanted;
  private final Refusals refusals;
  private final List<ConvertPlan.Warning> warnings = new ArrayList<>();
  private final List<String> dropped = new ArrayList<>();

  private ConvertPlanner(ConvertSource source, ConvertRequest request, Path output) {
    this.source = source;
    this.request = request;
    this.output = output;
    // Blocks of ggml have F16 scales, whatever the model was trained in.
    this.model =
        request
            .dtype()
            .orElseGet(() ->
                source.gguf().isPresent()
                    ? DType.F16
                    : DenseType.of(source.config(), source.checkpoint()));
    this.candidates = new Candidates(request.to(), model);
    this.lossy = new LossyFit(request.to(), model);
    this.wanted = request.scheme().map(n -> lossy.named(n, request.groupSize()));
    this.refusals = new Refusals(request);
  }

  /// @param progress told the share of modules that were looked at, 0 to 1
  /// @throws MarlinException for what cannot even be planned: an unknown scheme, damaged scales
  public static ConvertPlan plan(
      ConvertSource source,
      ConvertRequest request,
      Path output,
      int threads,
      DoubleConsumer progress) {
    return new ConvertPlanner(source, request, output).make(threads, progress);
  }

  private ConvertPlan make(int threads, DoubleConsumer progress) {
    InputScales inputs = new InputScales(source, request.to());
    List<ConvertStep> steps = dense(inputs);
    steps.addAll(packed(threads, progress));
    if (!dropped.isEmpty()) {
      warnings.add(
          new ConvertPlan.Warning(
              "W301",
              request.to().name(),
              "gets none of %d scales of activations or of the KV cache, for which it has no place or whose type the source does not say: %s"
                  .formatted(dropped.size(), named(dropped))));
    }
    List<MarlinException> all = new ArrayList<>(refusals.all());
    Optional<ModuleImportance> importance =
        ImportancePlan.of(source, request, steps, warnings, all);
    all.addAll(Refusals.output(steps, output));
    if (all.isEmpty()) {
      request.to().requireSidecars(Layouts.config(source, request), source.path());
    }
    Map<String, ObjectNode> documents =
        all.isEmpty() ? Layouts.documents(source, request, steps, model) : Map.of();
    Refusals.unpacked(source, request, steps, documents).ifPresent(all::add);
    return new ConvertPlan(
        source, request, output, steps, dropped, documents, importance, warnings, all);
  }

  /// The first names, and that there are more.
  private static String named(List<String> names) {
    String first = names.stream().limit(NAMES).collect(Collectors.joining(", "));
    return names.size() > NAMES ? first + ", ... (report.json names all)" : first;
  }

  /// What happens to the tensors that are no plane of a packed module.
  private List<ConvertStep> dense(InputScales inputs) {
    Set<String> planes = new HashSet<>();
    source.modules().values().forEach(m -> m.planes().forEach(p -> planes.add(p.tensor())));
    CacheCarry cache = new CacheCarry(source, request.to(), model);
    List<ConvertStep> steps = new ArrayList<>();
    for (TensorInfo t : source.checkpoint().tensors().values()) {
      if (planes.contains(t.name())) {
        continue;
      }
      if (inputs.owns(t.name())) {
        inputs.step(t.name()).ifPresentOrElse(steps::add, () -> dropped.add(t.name()));
      } else if (cache.owns(t.name())) {
        cache.step(t).ifPresentOrElse(steps::add, () -> dropped.add(t.name()));
      } else {
        steps.add(dense(t));
      }
    }
    return steps;
  }

  private ConvertStep dense(TensorInfo t) {
    if (wanted.isPresent() && ModuleKinds.packable(t)) {
      String stem = ModuleKinds.stem(t.name());
      boolean turned = TransposedModules.contains(source.config(), stem);
      WeightSource w = WeightSource.of(stem, t, turned);
      if (turned && !takesTransposed()) {
        refusals.transposed(stem);
        return new ConvertStep.Keep(t);
      }
      if (refusals.rounding(w, wanted.get())) {
        return new ConvertStep.Requantize(w, wanted.get(), ModuleKinds.fuseGroup(w.stem()));
      }
      return new ConvertStep.Keep(t);
    }
    Optional<DType> type = request.dtype().filter(d -> d != t.dtype());
    return type.isPresent() && DenseValues.floats(t.dtype())
        ? new ConvertStep.Cast(t, type.get())
        : new ConvertStep.Keep(t);
  }

  private List<ConvertStep> packed(int threads, DoubleConsumer progress) {
    List<PackedModule> modules = List.copyOf(source.modules().values());
    modules.stream()
        .map(PackedModule::stem)
        .filter(stem -> TransposedModules.contains(source.config(), stem))
        .filter(stem -> toDense() || !takesTransposed())
        .forEach(refusals::transposed);
    ConvertStep[] steps = new ConvertStep[modules.size()];
    List<List<ConvertPlan.Warning>> found = new ArrayList<>();
    modules.forEach(m -> found.add(new ArrayList<>()));
    AtomicInteger done = new AtomicInteger();
    try (Workers workers = new Workers(threads);
        ScratchPool pool = new ScratchPool(threads)) {
      workers.run(
          modules.size(),
          i -> {
            PackedModule module = modules.get(i);
            // Its codes once, its scales in each grid that is tried.
            long bytes = 2 * module.byteSize(source.checkpoint());
            steps[i] = pool.lend(bytes, memory -> exactly(module, memory)).orElse(null);
            found
                .get(i)
                .addAll(pool.lend(bytes, m -> SingleLevelCheck.of(module, source.checkpoint(), m)));
            progress.accept((double) done.incrementAndGet() / modules.size());
          });
    }
    found.forEach(warnings::addAll);
    List<ConvertStep> all = new ArrayList<>();
    for (int i = 0; i < steps.length; i++) {
      all.add(steps[i] == null ? rounded(modules.get(i)) : steps[i]);
    }
    return all;
  }

  /// The step that changes no number, where there is one. A module that becomes dense on request
  /// needs none.
  private Optional<ConvertStep> exactly(PackedModule m, SegmentAllocator memory) {
    if (toDense()) {
      return Optional.of(
          ConvertStep.dequantize(m, source.checkpoint(), request.dtype().orElse(DType.BF16)));
    }
    boolean foreignBasis = m.transform().isPresent() && !request.to().runsInputTransforms();
    if (foreignBasis || denseThere(m)) {
      return Optional.empty();
    }
    List<Packing> layouts =
        wanted.isPresent()
            ? List.of(wanted.get())
            : candidates.of(m.packing().scheme(), m.rows(), m.cols());
    return ExactFit.of(m, layouts, source.checkpoint(), memory)
        .map(p -> new ConvertStep.Repack(m, p, m.byteSize(source.checkpoint())));
  }

  /// Whether a loader of the target takes a packed matrix where the model has a transposed one.
  private boolean takesTransposed() {
    return Target.ALL.stream().anyMatch(t -> t.conv1d() && t.dialect().equals(request.to().name()));
  }

  private boolean toDense() {
    return request.dequantize() || request.to().name().equals("hf-dense");
  }

  private boolean denseThere(PackedModule m) {
    return ModuleKinds.embedding(m.stem()) && !request.to().packsEmbeddings();
  }

  private ConvertStep rounded(PackedModule m) {
    WeightSource w = WeightSource.of(m, source.checkpoint());
    if (denseThere(m)) {
      refusals.embedding(w, model);
      return new ConvertStep.Dequantize(w, model);
    }
    Optional<Packing> target =
        wanted
            .or(() ->
                candidates.of(m.packing().scheme(), m.rows(), m.cols()).stream()
                    .filter(io.metalmarlin.formats.scheme.GroupPacking.class::isInstance)
                    .findFirst())
            .or(() ->
                lossy.nearest(
                    m.packing().scheme().bitsPerWeight(m.rows(), m.cols()), m.rows(), m.cols()));
    if (target.isEmpty()) {
      refusals.nothing(w);
      return new ConvertStep.Dequantize(w, model);
    }
    refusals.rounding(w, target.get());
    return new ConvertStep.Requantize(w, target.get(), ModuleKinds.fuseGroup(w.stem()));
  }
}
