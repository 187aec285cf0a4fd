package io.metalmarlin.runtime.decode;

import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.model.Activation;
import io.metalmarlin.runtime.model.MixtureOfExperts;
import io.metalmarlin.runtime.model.MixtureOfExperts.Shared;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import io.metalmarlin.runtime.model.Weights;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Runs a [MixtureOfExperts]. Each expert multiplies only the rows of its own tokens. Between the
/// stages lie, side by side in the row of each token, the inner values of its experts; which these
/// are and what they weigh; the inner values of the shared MLP and its weight.
final class MixtureRunner implements MixerRunner {
  private static final String SLOTS = "slots";
  private static final String CHOICE = "choice";
  private static final String WEIGHTS = "choice_weights";
  private static final String SHARED = "shared_inner";
  private static final String SHARED_WEIGHT = "shared_weight";

  private final MixtureOfExperts mixture;
  private final Workspace workspace;
  private final Backend backend;
  private final Product router;
  private final float[] correction;
  private final List<MlpRunner> experts;
  private final @Nullable MlpRunner shared;
  private final @Nullable Product sharedWeight;
  private final Map<String, Integer> expertOfGroup = new HashMap<>();
  private final int inner;
  private final int hidden;

  /// The routing of the frame that was looked at last: a calibrator asks once for every expert.
  private @Nullable Frame known;

  private Routing routing = new Routing(0, new int[0], new float[0]);
  private int[][] slots = new int[0][];

  MixtureRunner(MixtureOfExperts mixture, Weights weights, Workspace workspace) {
    this.mixture = mixture;
    this.workspace = workspace;
    this.backend = workspace.backend();
    this.router = Product.of(mixture.router().linear(), weights, backend);
    this.correction = mixture.router().correction().map(weights::values).orElse(new float[0]);
    this.experts =
        mixture.experts().stream().map(e -> new MlpRunner(e, weights, workspace)).toList();
    Shared s = mixture.shared().orElse(null);
    this.shared = s == null ? null : new MlpRunner(s.mlp(), weights, workspace);
    Linear w = s == null ? null : s.weight().orElse(null);
    this.sharedWeight = w == null ? null : Product.of(w, weights, backend);
    this.inner = mixture.experts().getFirst().down().in();
    this.hidden = mixture.experts().getFirst().down().out();
    for (int e = 0; e < experts.size(); e++) {
      for (Linear l : mixture.experts().get(e).linears()) {
        expertOfGroup.put(l.inputGroup(), e);
      }
    }
  }

  @Override
  public Frame run(int stage, Frame frame, Batch batch) {
    return stage == 0 ? up(frame) : Frame.of(Frame.OUTPUT, down(frame));
  }

  private Frame up(Frame frame) {
    route(frame);
    Tensor x = frame.get(Frame.INPUT);
    Tensor rows = workspace.tensor(SLOTS, x.rows(), routing.chosen() * inner);
    Tensor bySlot = backend.reshape(rows, x.rows() * routing.chosen(), inner);
    for (int e = 0; e < experts.size(); e++) {
      if (slots[e].length > 0) {
        backend.scatter(experts.get(e).inner(read(x, e), "expert_inner"), slots[e], bySlot);
      }
    }
    Frame next =
        Frame.of(SLOTS, rows)
            .and(CHOICE, floats(CHOICE, x.rows(), asFloats(routing.experts())))
            .and(WEIGHTS, floats(WEIGHTS, x.rows(), routing.weights()));
    if (shared != null) {
      next = next.and(SHARED, shared.inner(x, SHARED));
    }
    if (sharedWeight != null) {
      Tensor weight = sharedWeight.times(x, SHARED_WEIGHT, workspace);
      backend.activate(Activation.SIGMOID, weight);
      next = next.and(SHARED_WEIGHT, weight);
    }
    // What the next stage reads was chosen here.
    known = next;
    return next;
  }

  private Tensor down(Frame frame) {
    route(frame);
    Tensor out = common(frame);
    for (int e = 0; e < experts.size(); e++) {
      if (slots[e].length > 0) {
        Tensor y = experts.get(e).down(innerOf(frame, e), "expert_output");
        backend.addRows(y, routing.tokens(slots[e]), outputWeights(e), out);
      }
    }
    return out;
  }

  /// What all tokens get, to which the experts' results are added.
  private Tensor common(Frame frame) {
    if (shared == null) {
      Tensor out = workspace.tensor(Frame.OUTPUT, frame.get(SLOTS).rows(), hidden);
      backend.clear(out);
      return out;
    }
    Tensor out = shared.down(frame.get(SHARED), Frame.OUTPUT);
    if (sharedWeight != null) {
      MemorySegment weights = backend.host(frame.get(SHARED_WEIGHT));
      backend.scaleRows(out, weights.toArray(JAVA_FLOAT_UNALIGNED));
    }
    return out;
  }

  @Override
  public Tensor input(int stage, String inputGroup, Frame frame) {
    Integer expert = expertOfGroup.get(inputGroup);
    if (expert == null) {
      return frame.get(stage == 0 ? Frame.INPUT : SHARED);
    }
    route(frame);
    return stage == 0 ? read(frame.get(Frame.INPUT), expert) : innerOf(frame, expert);
  }

  /// The rows of an expert's tokens.
  private Tensor read(Tensor x, int expert) {
    int[] of = slots[expert];
    Tensor in = workspace.tensor("expert_input", of.length, x.cols());
    backend.gather(x, routing.tokens(of), in);
    if (mixture.router().ofInput()) {
      backend.scaleRows(in, routing.weights(of));
    }
    return in;
  }

  /// The rows of an expert's inner values.
  private Tensor innerOf(Frame frame, int expert) {
    Tensor rows = frame.get(SLOTS);
    Tensor bySlot = backend.reshape(rows, rows.rows() * routing.chosen(), inner);
    Tensor in = workspace.tensor("expert_inner", slots[expert].length, inner);
    backend.gather(bySlot, slots[expert], in);
    return in;
  }

  private float[] outputWeights(int expert) {
    float[] weights = routing.weights(slots[expert]);
    if (mixture.router().ofInput()) {
      Arrays.fill(weights, 1);
    }
    return weights;
  }

  /// Routes a frame before the first stage; reads the routing of one before the second.
  private void route(Frame frame) {
    if (frame == known) {
      return;
    }
    if (frame.tensors().containsKey(CHOICE)) {
      float[] choice = backend.host(frame.get(CHOICE)).toArray(JAVA_FLOAT_UNALIGNED);
      int[] of = new int[choice.length];
      for (int i = 0; i < of.length; i++) {
        of[i] = (int) choice[i];
      }
      float[] weights = backend.host(frame.get(WEIGHTS)).toArray(JAVA_FLOAT_UNALIGNED);
      routing = new Routing(mixture.router().chosen(), of, weights);
    } else {
      Tensor x = frame.get(Frame.INPUT);
      MemorySegment logits = backend.host(router.times(x, "router", workspace));
      routing = Routing.of(mixture.router(), correction, logits, x.rows());
    }
    slots = routing.slots(experts.size());
    known = frame;
  }

  private Tensor floats(String name, int rows, float[] values) {
    Tensor t = workspace.tensor(name, rows, values.length / rows);
    backend.write(t, MemorySegment.ofArray(values));
    return t;
  }

  private static float[] asFloats(int[] values) {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = values[i];
    }
    return floats;
  }
}
