package io.metalmarlin.quant.plan;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.solve.Full;
import io.metalmarlin.quant.solve.Imatrix;
import io.metalmarlin.quant.solve.Method;
import io.metalmarlin.quant.solve.Methods;
import io.metalmarlin.quant.solve.MrGptq;
import java.util.List;
import java.util.Optional;

/// Which methods and flags go together with the block types of ggml: their own encoders, which
/// choose scales and codes together, or error feedback inside the blocks.
final class BlockRecipes {
  private static final String IMATRIX = new Imatrix().name();
  private static final String ROUND = "rtn";
  private static final String FULL = new Full().name();

  private BlockRecipes() {}

  /// The method that was asked for, or the best one that goes with the other flags.
  static Method method(RecipeRequest ask) {
    return Methods.of(
        ask.method()
            .orElseGet(
                () -> type(ask).map(t -> usual(t, ask.imatrix().isPresent())).orElse(usual(ask))));
  }

  private static String usual(DType type, boolean importance) {
    if (importance && BlockTypes.usesImportance(type)) {
      return IMATRIX;
    }
    return BlockTypes.takesFeedback(type) ? FULL : ROUND;
  }

  /// `full` keeps groups of columns together and no masks.
  private static String usual(RecipeRequest ask) {
    boolean scattered = ask.order().filter("act"::equalsIgnoreCase).isPresent();
    boolean sparse = ask.sparsity().filter(s -> !s.equals("none")).isPresent();
    return scattered || sparse ? new MrGptq().name() : Recipes.DEFAULT_METHOD;
  }

  private static Optional<DType> type(RecipeRequest ask) {
    return ask.scheme().flatMap(BlockMixes::type);
  }

  /// @throws MarlinException `BAD_FLAG` for a method that cannot do the scheme, and for a flag that
  ///   would do nothing
  static void check(RecipeRequest ask, Method method) {
    Optional<DType> type = type(ask);
    boolean imatrix = method.name().equals(IMATRIX);
    String scheme = ask.scheme().orElse(Recipes.DEFAULT_SCHEME);
    if (type.isEmpty()) {
      refuse(
          imatrix,
          "--method imatrix",
          "weighs the search for the scales of ggml blocks, and %s is no block type"
              .formatted(scheme),
          "Use --method gptq or mr-gptq, or --target llama.cpp with --scheme Q4_K.");
    } else {
      refuseForBlocks(ask, method, type.get(), imatrix);
    }
    refuse(
        ask.imatrix().isPresent() && !imatrix,
        "--imatrix",
        "has no effect with --method " + method.name(),
        "Leave it out, or use --method imatrix with a block type such as Q4_K.");
    if (ask.imatrix().isPresent()) {
      String what = "has no effect with --imatrix, which stands in for calibration";
      String hint = "Leave one of them out.";
      refuse(ask.dataset().isPresent(), "--dataset", what, hint);
      refuse(ask.samples().isPresent(), "--samples", what, hint);
      refuse(ask.seqLen().isPresent(), "--seq-len", what, hint);
    }
  }

  /// @param rules of overrides
  /// @throws MarlinException `BAD_FLAG` for a scheme that the method cannot fill
  static void check(List<SchemeRule> rules, Method method) {
    boolean imatrix = method.name().equals(IMATRIX);
    for (SchemeRule r : rules) {
      Optional<DType> block = BlockTypes.named(r.scheme());
      refuse(
          !r.keeps() && block.isEmpty() && imatrix,
          "--override " + r.text(),
          "cannot be filled by --method imatrix, which knows blocks of ggml only",
          "Use a block type such as Q8_0.");
      boolean full = method.name().equals(FULL);
      refuse(
          block.isPresent() && !imatrix && !full && !method.name().equals(ROUND),
          "--override " + r.text(),
          "cannot be filled by --method %s, which knows grids only".formatted(method.name()),
          "Use --method full or rtn, or a block type for --scheme as well.");
      refuse(
          block.isPresent() && !full && !BlockTypes.encodes(block.get()),
          "--override " + r.text(),
          "cannot be filled by --method %s: its codes are searched with error feedback only"
              .formatted(method.name()),
          "Use --method full.");
    }
  }

  private static void refuseForBlocks(
      RecipeRequest ask, Method method, DType type, boolean imatrix) {
    boolean full = method.name().equals(FULL);
    boolean encodes = BlockTypes.encodes(type);
    refuse(
        !full && !encodes,
        "--method " + method.name(),
        "cannot fill blocks of %s: their codes are searched with error feedback only"
            .formatted(type),
        "Use --method full.");
    refuse(
        full && !BlockTypes.takesFeedback(type),
        "--method full",
        "cannot fill blocks of %s: only their own encoder does".formatted(type),
        "Use --method rtn.");
    refuse(
        !full && !imatrix && !method.name().equals(ROUND),
        "--method " + method.name(),
        "cannot fill blocks of %s: it passes errors on under scales that it knows before, and those of a block are chosen with its codes"
            .formatted(type),
        BlockTypes.takesFeedback(type)
            ? "Use --method full, imatrix or rtn."
            : "Use --method rtn.");
    refuse(
        imatrix && !BlockTypes.usesImportance(type),
        "--method imatrix",
        "has no effect with --scheme %s: its encoder weighs no columns".formatted(type),
        "Use --method rtn.");
    String what =
        full
            ? "has no effect with --scheme %s: blocks are filled run by run, their scales replayed"
                .formatted(type)
            : "has no effect with --scheme %s, whose encoder decides by itself".formatted(type);
    refuse(ask.scales().isPresent(), "--scales", what, "Leave it out.");
    refuse(!full && ask.refine().isPresent(), "--refine", what, "Leave it out.");
    refuse(ask.order().isPresent(), "--order", what, "Leave it out.");
    refuse(!full && ask.damping().isPresent(), "--damp", what, "Leave it out.");
    refuse(!full && ask.shrink().isPresent(), "--shrink", what, "Leave it out.");
    refuse(
        ask.sparsity().filter(s -> !s.equals("none")).isPresent(),
        "--sparsity",
        "goes with grids, and %s is a block type of ggml".formatted(type),
        "Use --scheme NVFP4A16 or W4A16 with --target marlin.");
  }

  private static void refuse(boolean wrong, String where, String what, String hint) {
    if (wrong) {
      throw new MarlinException(ErrorCode.BAD_FLAG, where, what, hint);
    }
  }
}
