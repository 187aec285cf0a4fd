package io.metalmarlin.cli.args;

import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// A share: `2%` or `0.02`. A bare number above 1 is refused, because `2` could mean either.
public final class ShareConverter implements ITypeConverter<Double> {
  @Override
  public Double convert(String text) {
    String t = text.strip();
    boolean percent = t.endsWith("%");
    double v;
    try {
      v = Double.parseDouble(percent ? t.substring(0, t.length() - 1) : t);
    } catch (NumberFormatException e) {
      throw new TypeConversionException("is neither a percentage (2%) nor a fraction (0.02)");
    }
    double share = percent ? v / 100 : v;
    if (!Double.isFinite(share) || share < 0) {
      throw new TypeConversionException("must be a finite number, not negative");
    }
    if (!percent && share > 1) {
      throw new TypeConversionException(
          "is ambiguous; write " + text + "% for percent or a fraction up to 1");
    }
    return share;
  }
}
