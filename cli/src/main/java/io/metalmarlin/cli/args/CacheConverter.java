package io.metalmarlin.cli.args;

import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.cache.CacheFormats;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// The format of a cache.
public final class CacheConverter implements ITypeConverter<CacheConverter.Choice> {
  /// @param format null for `none`
  public record Choice(@Nullable CacheFormat format) {}

  private static final String NONE = "none";

  @Override
  public Choice convert(String value) {
    Optional<CacheFormat> format = CacheFormats.named(value);
    if (format.isEmpty() && !value.equals(NONE)) {
      throw new TypeConversionException(
          "is not one of "
              + NONE
              + ", "
              + CacheFormats.ALL.stream().map(CacheFormat::name).collect(Collectors.joining(", ")));
    }
    return new Choice(format.orElse(null));
  }
}
