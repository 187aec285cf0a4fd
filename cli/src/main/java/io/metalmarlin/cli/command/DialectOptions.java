package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.formats.importance.ImportanceFile;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.quant.convert.ConvertRequest;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The flags that choose what a conversion writes; they become a [ConvertRequest].
final class DialectOptions {
  private static final String HF = "hf";
  private static final String DENSE = "hf-dense";
  private static final String GGUF = "gguf";

  @Option(
      names = "--to",
      paramLabel = "DIALECT",
      description =
          "hf (dense), compressed-tensors, modelopt, mlx, gptq, awq, gguf or marlin"
              + " (compressed-tensors; hf with --dequantize).")
  @Nullable String to;

  @Option(names = "--dequantize", description = "Make every packed module dense (hf or gguf).")
  boolean dequantize;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      description =
          "bf16, f16 or f32: of dense tensors and, where the dialect leaves a choice, of scales"
              + " (as in the source; bf16 for what becomes dense).")
  @Nullable String dtype;

  @Option(
      names = "--scheme",
      paramLabel = "NAME",
      description = "What to round to where rounding is needed (the nearest the dialect has).")
  @Nullable String scheme;

  @Option(
      names = "--group-size",
      paramLabel = "N",
      description =
          "Columns that share a scale in a --scheme of integers: 32, 64, 128 or channel (128).")
  @Nullable String groupSize;

  @Option(names = "--allow-lossy", description = "Allow rounding where no exact form exists.")
  boolean allowLossy;

  @Option(
      names = "--imatrix",
      paramLabel = "FILE",
      description =
          "Importance of columns, as llama-imatrix writes it (.gguf or .dat), for rounding to block"
              + " types of ggml.")
  @Nullable Path imatrix;

  /// @throws io.metalmarlin.formats.MarlinException `BAD_FLAG` for an unknown name or a flag
  ///   without effect, and what is wrong with an importance file
  ConvertRequest request() {
    Dialect dialect = dialect();
    boolean dense = dialect.name().equals(DENSE);
    if (dequantize && !dense && !dialect.name().equals(GGUF)) {
      throw UsageErrors.conflict(
          "--dequantize",
          "has no meaning with --to " + to + ", which is a packed dialect",
          "Give --to hf or --to gguf, or leave --dequantize out.");
    }
    if (scheme != null && (dense || dequantize)) {
      throw UsageErrors.conflict(
          "--scheme " + scheme,
          "has no effect where everything becomes dense",
          "Leave it out, or give a packed dialect with --to.");
    }
    if (groupSize != null && scheme == null) {
      throw UsageErrors.conflict(
          "--group-size " + groupSize,
          "has no effect without --scheme",
          "Give a scheme of integers, for example --scheme W4A16.");
    }
    return new ConvertRequest(
        dialect,
        dequantize,
        type(),
        Optional.ofNullable(scheme),
        groupSize(),
        allowLossy,
        Optional.ofNullable(imatrix).map(ImportanceFile::read));
  }

  private OptionalInt groupSize() {
    if (groupSize == null) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(
        switch (groupSize.toLowerCase(Locale.ROOT)) {
          case "32" -> 32;
          case "64" -> 64;
          case "128" -> 128;
          case "channel" -> GroupScheme.WHOLE;
          default ->
              throw UsageErrors.badValue(
                  "--group-size", groupSize, "is none of 32, 64, 128 and channel");
        });
  }

  private Dialect dialect() {
    String name =
        to == null ? (dequantize ? HF : "compressed-tensors") : to.toLowerCase(Locale.ROOT);
    String wanted = name.equals(HF) ? DENSE : name;
    return Dialects.ALL.stream()
        .filter(d -> d.name().equals(wanted) && d.writes())
        .findFirst()
        .orElseThrow(() ->
            UsageErrors.badValue(
                "--to",
                name,
                "is not a dialect that can be written; use one of "
                    + Dialects.ALL.stream()
                        .filter(Dialect::writes)
                        .map(Dialect::name)
                        .map(n -> n.equals(DENSE) ? HF : n)
                        .collect(Collectors.joining(", "))));
  }

  private Optional<DType> type() {
    if (dtype == null) {
      return Optional.empty();
    }
    return Optional.of(
        switch (dtype.toLowerCase(Locale.ROOT)) {
          case "bf16", "bfloat16" -> DType.BF16;
          case "f16", "fp16", "float16" -> DType.F16;
          case "f32", "fp32", "float32" -> DType.F32;
          default -> throw UsageErrors.badValue("--dtype", dtype, "is none of bf16, f16 and f32");
        });
  }
}
