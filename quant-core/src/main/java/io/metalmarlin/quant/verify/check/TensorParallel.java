package io.metalmarlin.quant.verify.check;

import io.metalmarlin.formats.model.ModelConfig;
import io.metalmarlin.formats.model.PackedModule;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.gptq.AwqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Index;
import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.Subject;
import io.metalmarlin.quant.verify.TargetRules.Rule;
import java.util.OptionalInt;
import java.util.Set;

/// Split over `--tp` devices, every part of every packed matrix is whole groups and whole packed
/// words, and heads can be dealt out. Matrices behind the attention and behind the MLP are split by
/// input, all others by output.
public final class TensorParallel implements Check {
  private static final Set<String> BY_INPUT =
      Set.of("o_proj", "down_proj", "out_proj", "wo", "w2", "dense_4h_to_h", "c_proj", "fc2");

  @Override
  public String code() {
    return "tensor-parallel";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (subject.tp() == 1) {
      return;
    }
    if (subject.asks(Rule.NO_SPLIT)) {
      findings.warning(
          "--tp " + subject.tp(),
          subject.target().orElseThrow().target() + " does not split matrices over devices",
          "Leave --tp out, or name another --target.");
    }
    subject.config().ifPresent(c -> heads(c, subject.tp(), findings));
    for (PackedModule m : subject.modules().values()) {
      String last = m.stem().substring(m.stem().lastIndexOf('.') + 1);
      if (BY_INPUT.contains(last)) {
        split(m, "input", m.cols(), inputUnit(m), subject.tp(), findings);
      } else {
        split(m, "output", m.rows(), outputUnit(m), subject.tp(), findings);
      }
    }
  }

  private static void split(
      PackedModule m, String side, int size, int unit, int tp, Findings findings) {
    if (size % tp != 0) {
      findings.error(
          m.stem(),
          "%s %d is not a multiple of --tp %d".formatted(side, size, tp),
          "Use a --tp that divides it.");
    } else if (size / tp % unit != 0) {
      findings.error(
          m.stem(),
          "%s %d / %d (--tp) = %d is not a multiple of %d (%s)"
              .formatted(side, size, tp, size / tp, unit, m.packing().scheme().name()),
          "Use a smaller --tp or group size, or leave the module in 16 bits.");
    }
  }

  /// Columns that cannot be torn apart: a group, and the codes of one 32-bit word or byte. With a
  /// stored group index every device keeps all scales, and AWQ's words run along the output.
  private static int inputUnit(PackedModule m) {
    Scheme scheme = m.packing().scheme();
    if (scheme instanceof GroupScheme g) {
      boolean scattered = m.packing() instanceof GptqPacking p && p.index() == Index.ACT_ORDER;
      int group = g.groupSize() >= m.cols() || scattered ? 1 : g.groupSize();
      return m.packing() instanceof AwqPacking ? group : multiple(group, word(g));
    }
    return scheme.columnMultiple();
  }

  /// Rows that cannot be torn apart: a block's height, and the words of packed zero points, which
  /// GPTQ and AWQ store for symmetric grids too.
  private static int outputUnit(PackedModule m) {
    if (m.packing().scheme() instanceof GroupScheme g) {
      int rows = g.groupRows() >= m.rows() ? 1 : g.groupRows();
      boolean words =
          g.zero() == GroupScheme.Zero.POINT
              || m.packing() instanceof GptqPacking
              || m.packing() instanceof AwqPacking;
      return words ? multiple(rows, word(g)) : rows;
    }
    return 1;
  }

  private static int word(GroupScheme scheme) {
    int bits = scheme.codeBits();
    if (!(scheme instanceof IntScheme)) {
      return bits == 4 ? 2 : 1;
    }
    // Widths that do not divide a word fill it only after 32 codes.
    return 32 % bits == 0 ? 32 / bits : 32;
  }

  private static int multiple(int a, int b) {
    int x = a;
    int y = b;
    while (y != 0) {
      int rest = x % y;
      x = y;
      y = rest;
    }
    return a / x * b;
  }

  private static void heads(ModelConfig config, int tp, Findings findings) {
    OptionalInt heads = config.integer("num_attention_heads");
    if (heads.isPresent() && heads.getAsInt() % tp != 0) {
      findings.error(
          "config.json",
          "num_attention_heads %d is not a multiple of --tp %d".formatted(heads.getAsInt(), tp),
          "Use a --tp that divides it.");
    }
    OptionalInt kv = config.integer("num_key_value_heads");
    // With more devices than heads, each head is kept by several.
    boolean fits = kv.isEmpty() || kv.getAsInt() % tp == 0 || tp % kv.getAsInt() == 0;
    if (!fits) {
      findings.error(
          "config.json",
          "num_key_value_heads %d and --tp %d do not divide each other"
              .formatted(kv.getAsInt(), tp),
          "Use a --tp that divides it, or a multiple of it.");
    }
  }
}
