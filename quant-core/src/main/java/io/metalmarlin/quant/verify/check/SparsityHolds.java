package io.metalmarlin.quant.verify.check;

import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.MatrixRows;
import io.metalmarlin.quant.verify.Subject;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Where `sparsity_config` of compressed-tensors says that matrices are 2:4 sparse, at most two of
/// four neighbouring weights are not zero: a sparse kernel keeps no more.
public final class SparsityHolds implements Check {
  private static final String STRUCTURE = "2:4";
  private static final int QUAD = 4;
  private static final int KEPT = 2;
  private static final int TILE = 1 << 18;

  @Override
  public String code() {
    return "sparsity";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    JsonNode said = subject.quantization().path("sparsity_config");
    if (!said.path("sparsity_structure").asString("").equals(STRUCTURE)) {
      return;
    }
    Set<String> ignored = new HashSet<>();
    said.path("ignore").forEach(n -> ignored.add(n.asString("")));
    Set<String> modules = new LinkedHashSet<>(subject.modules().keySet());
    subject
        .spec()
        .ifPresent(spec ->
            spec.blocks()
                .forEach(b -> b.linears().forEach(l -> modules.add(spec.names().module(l.id())))));
    for (String module : modules) {
      if (!ignored.contains(module)) {
        MatrixRows.of(subject, module).ifPresent(m -> look(module, m, findings));
      }
    }
  }

  private static void look(String module, MatrixRows matrix, Findings findings) {
    int rows = Math.max(1, Math.min(matrix.rows(), TILE / matrix.cols()));
    float[] tile = new float[rows * matrix.cols()];
    for (int from = 0; from < matrix.rows(); from += rows) {
      int to = Math.min(matrix.rows(), from + rows);
      matrix.source().decode(from, to, tile);
      for (int i = 0; i < to - from; i++) {
        for (int col = 0; col + QUAD <= matrix.cols(); col += QUAD) {
          int count = 0;
          for (int j = 0; j < QUAD; j++) {
            count += tile[i * matrix.cols() + col + j] != 0 ? 1 : 0;
          }
          if (count > KEPT) {
            findings.error(
                module,
                "row %d, columns %d to %d hold %d weights that are not zero; sparsity_config says %s"
                    .formatted(from + i, col, col + QUAD - 1, count, STRUCTURE),
                "Leave sparsity_config empty, or prune the matrix: a sparse kernel would drop weights.");
            return;
          }
        }
      }
    }
  }
}
