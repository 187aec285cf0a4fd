package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.ArrayList;
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
        List<Long> shape = List.of((long) vocabulary, (long) hidden);
        matrix(subject, findings, module, module + ".weight", shape, vocabulary, hidden, false);
      }
    }
  }

  /// @param needed whether it is an error if the module is not there at all
  private static void matrix(
      Subject subject,
      Findings findings,
      String module,
      String tensor,
      List<Long> shape,
      long rows,
      long cols,
      boolean needed) {
    PackedModule packed = subject.modules().get(module);
    TensorInfo dense = subject.checkpoint().tensors().get(tensor);
    if (packed != null) {
      if (packed.rows() != rows || packed.cols() != cols) {
        findings.error(
            packed.planes().getFirst().tensor(),
            "holds %d x %d weights as %s, the configuration asks for %d x %d"
                .formatted(packed.rows(), packed.cols(), packed.packing().name(), rows, cols),
            REMEDY);
      }
    } else if (dense != null && !subject.packed().faulty().contains(module)) {
      sized(findings, dense, shape);
    } else if (needed && dense == null && subject.complete()) {
      missing(subject, findings, module, shape);
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
      List<Linear> matrices = new ArrayList<>(spec.matrices());
      // A missing head is another check's finding, which knows whether it is tied.
      matrices.remove(spec.head().linear());
      for (Linear l : matrices) {
        ShapesFit.matrix(
            subject,
            findings,
            spec.module(l),
            spec.tensor(l),
            l.layout().shape(l.out(), l.in()),
            l.out(),
            l.in(),
            true);
      }
      spec.parameters().forEach(p -> tensor(spec.tensor(p), p.shape()));
      Linear head = spec.head().linear();
      String module = spec.names().module(head.id());
      ShapesFit.matrix(
          subject,
          findings,
          module,
          module + ".weight",
          List.of((long) head.out(), (long) head.in()),
          head.out(),
          head.in(),
          false);
    }

    private void tensor(String tensor, List<Long> shape) {
      TensorInfo info = subject.checkpoint().tensors().get(tensor);
      if (info != null) {
        sized(findings, info, shape);
      } else if (subject.complete()) {
        findings.error(
            tensor, "is not there, the configuration asks for it with shape " + shape, REMEDY);
      }
    }
  }
}
