package io.metalmarlin.cli.args;

import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// Token ids separated by commas: `1,2,3`.
public final class IdsConverter implements ITypeConverter<IdsConverter.Ids> {
  /// @param values not negative, at least one
  public record Ids(List<Integer> values) {
    public Ids {
      values = List.copyOf(values);
    }

    public int[] array() {
      return values.stream().mapToInt(Integer::intValue).toArray();
    }
  }

  @Override
  public Ids convert(String text) {
    List<Integer> ids = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      try {
        ids.add(Integer.parseUnsignedInt(part.strip()));
      } catch (NumberFormatException e) {
        throw new TypeConversionException(
            "is not a comma-separated list of token ids: \"" + part + "\"");
      }
    }
    if (ids.stream().anyMatch(i -> i < 0)) {
      throw new TypeConversionException("holds an id above 2147483647");
    }
    return new Ids(ids);
  }
}
