package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.container.gguf.GgufNumbers;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;

/// The keys of one architecture, `{arch}.NAME`, as numbers that a configuration can hold.
record KeyReader(GgufMetadata metadata, String architecture) {
  String key(String name) {
    return architecture + "." + name;
  }

  /// A positive whole number that must be there.
  int require(String name) {
    int value =
        whole(name).orElseThrow(() -> malformed("metadata key \"" + key(name) + "\" is missing"));
    if (value <= 0) {
      throw malformed("metadata key \"" + key(name) + "\" should be positive, it is " + value);
    }
    return value;
  }

  /// A whole number. Some converters write one per layer: then all must be the same.
  OptionalInt whole(String name) {
    if (metadata.values().get(key(name)) instanceof GgufNumbers perLayer) {
      return perLayer.size() == 0 ? OptionalInt.empty() : OptionalInt.of(uniform(name, perLayer));
    }
    OptionalLong value = metadata.whole(key(name));
    if (value.isEmpty()) {
      return OptionalInt.empty();
    }
    return OptionalInt.of(narrow(name, value.getAsLong()));
  }

  private int uniform(String name, GgufNumbers perLayer) {
    for (int i = 1; i < perLayer.size(); i++) {
      if (perLayer.whole(i) != perLayer.whole(0)) {
        throw new MarlinException(
            ErrorCode.UNSUPPORTED_MODEL,
            metadata.where(),
            "%s differs between layers: %d in layer 0, %d in layer %d"
                .formatted(key(name), perLayer.whole(0), perLayer.whole(i), i),
            "Use a model whose layers are alike.");
      }
    }
    return narrow(name, perLayer.whole(0));
  }

  private int narrow(String name, long value) {
    if (value != (int) value) {
      throw malformed("metadata key \"" + key(name) + "\" is out of range: " + value);
    }
    return (int) value;
  }

  /// A floating-point number with the shortest decimal digits that give the file's FP32.
  OptionalDouble real(String name) {
    OptionalDouble value = metadata.real(key(name));
    if (value.isEmpty()) {
      return value;
    }
    double v = value.getAsDouble();
    if (!Double.isFinite(v)) {
      throw malformed("metadata key \"" + key(name) + "\" is not finite: " + v);
    }
    return OptionalDouble.of(v == (float) v ? Double.parseDouble(Float.toString((float) v)) : v);
  }

  Optional<String> text(String name) {
    return metadata.text(key(name));
  }

  Optional<Boolean> flag(String name) {
    return metadata.flag(key(name));
  }

  MarlinException malformed(String what) {
    return new MarlinException(
        ErrorCode.CONFIG_MALFORMED,
        metadata.where(),
        what,
        "Make the file again with a current converter.");
  }

  MarlinException unsupported(String what) {
    return new MarlinException(
        ErrorCode.UNSUPPORTED_MODEL,
        metadata.where(),
        what,
        "Use a model without it; running it as if it were absent would give wrong results.");
  }
}
