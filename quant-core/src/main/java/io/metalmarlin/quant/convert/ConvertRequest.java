package io.metalmarlin.quant.convert;

import io.metalmarlin.formats.importance.ImportanceFile;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.tensor.DType;
import java.util.Optional;
import java.util.OptionalInt;

/// What the user asked for.
///
/// @param to the dialect of the output
/// @param dequantize whether every packed module becomes dense
/// @param dtype the type of dense tensors that are made, and of scales where the dialect leaves a
///   choice; F16, BF16 or F32. Given, it also re-types the dense tensors of the source
/// @param scheme what is rounded to where rounding is needed; a name of
///   [io.metalmarlin.formats.model.NamedSchemes] or a block type of ggml
/// @param groupSize columns that share a scale in a scheme of integers; empty for the largest that
///   fits
/// @param allowLossy whether weights may be rounded
/// @param importance how much the columns of matrices count where they are rounded to blocks of
///   ggml
public record ConvertRequest(
    Dialect to,
    boolean dequantize,
    Optional<DType> dtype,
    Optional<String> scheme,
    OptionalInt groupSize,
    boolean allowLossy,
    Optional<ImportanceFile> importance) {}
