package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.model.WeightId;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.List;

/// Every weight that the configuration asks for is there in the size it asks for; of families that
/// are not known, embedding and head.
public final class ShapesFit implements Check {
  private static final String REMEDY =
      "config.json and tensors belong to different models, or the checkpoint is incomplete; fetch"
          + " both again.";

  @Override
  public String code() {
    return "shape";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (subject.config().isEmpty()) {
      return;
    }
    subject
        .spec()
        .ifPresentOrElse(
            spec -> new Walk(subject, findings, spec).all(), () -> generic(subject, findings));
  }

  private static void generic(Subject subject, Findings findings) {
    int vocabulary = subject.config().orElseThrow().integer("vocab_size").orElse(0);
    int hidden = subject.config().orElseThrow().integer("hidden_size").orElse(0);
    if (vocabulary > 0 && hidden > 0) {
      for (String module : List.of("model.embed_tokens", "lm_head")) {
        matrix(subject, findings, module, vocabulary, hidden, false);
      }
    }
  }

  /// @param needed whether it is an error if the module is not there at all
  private static void matrix(
      Subject subject, Findings findings, String module, long rows, long cols, boolean needed) {
    PackedModule packed = subject.modules().get(module);
    TensorInfo dense = subject.checkpoint().tensors().get(module + ".weight");
    if (packed != null) {
      if (packed.rows() != rows || packed.cols() != cols) {
        findings.error(
            packed.planes().getFirst().tensor(),
            "holds %d x %d weights as %s, the configuration asks for %d x %d"
                .formatted(packed.rows(), packed.cols(), packed.packing().name(), rows, cols),
            REMEDY);
      }
    } else if (dense != null && !subject.packed().faulty().contains(module)) {
      sized(findings, dense, List.of(rows, cols));
    } else if (needed && dense == null && subject.complete()) {
      missing(subject, findings, module, List.of(rows, cols));
    }
  }

  private static void sized(Findings findings, TensorInfo info, List<Long> shape) {
    if (!info.shape().equals(shape)) {
      findings.error(
          info.name(),
          "has shape " + info.shape() + ", the configuration asks for " + shape,
          REMEDY);
    }
  }

  /// What lies under the module's name in a form that could not be read is the finding of another
  /// check.
  private static void missing(Subject subject, Findings findings, String module, List<Long> shape) {
    if (!subject.packed().faulty().contains(module)) {
      findings.error(
          module + ".weight",
          "is not there, the configuration asks for it with shape " + shape,
          REMEDY);
    }
  }

  private record Walk(Subject subject, Findings findings, ModelSpec spec) {
    void all() {
      matrix(spec.embedding(), spec.vocabulary(), spec.hidden());
      for (ModelSpec.Block b : spec.blocks()) {
        norm(b.attentionNorm());
        b.attention().qNorm().ifPresent(this::norm);
        b.attention().kNorm().ifPresent(this::norm);
        norm(b.mlpNorm());
        for (ModelSpec.Linear l : b.linears()) {
          matrix(l.id(), l.out(), l.in());
          if (l.bias()) {
            vector(spec.names().module(l.id()) + ".bias", l.out());
          }
        }
      }
      norm(spec.finalNorm());
      // A missing head is another check's finding, which knows whether it is tied.
      ShapesFit.matrix(
          subject, findings, module(spec.head().id()), spec.head().out(), spec.head().in(), false);
    }

    private void matrix(WeightId id, long rows, long cols) {
      ShapesFit.matrix(subject, findings, module(id), rows, cols, true);
    }

    private void norm(ModelSpec.Norm n) {
      vector(module(n.id()) + ".weight", n.size());
    }

    private void vector(String tensor, long size) {
      TensorInfo info = subject.checkpoint().tensors().get(tensor);
      if (info != null) {
        sized(findings, info, List.of(size));
      } else if (subject.complete()) {
        findings.error(
            tensor,
            "is not there, the configuration asks for it with shape [" + size + "]",
            REMEDY);
      }
    }

    private String module(WeightId id) {
      return spec.names().module(id);
    }
  }
}
