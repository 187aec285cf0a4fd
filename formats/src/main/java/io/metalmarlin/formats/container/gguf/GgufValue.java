package io.metalmarlin.formats.container.gguf;

import java.util.List;

/// A metadata value with the type it has in the file.
public sealed interface GgufValue
    permits GgufValue.Whole,
        GgufValue.Float32,
        GgufValue.Float64,
        GgufValue.Bool,
        GgufValue.Text,
        GgufValue.Texts,
        GgufNumbers,
        GgufRawStrings {
  GgufType type();

  /// The value as text; of an array its element type and length, because arrays are vocabularies.
  String display();

  /// A whole number of one of the eight whole types.
  ///
  /// @param value its value; of UINT64 the 64 bits
  record Whole(GgufType type, long value) implements GgufValue {
    /// @throws IllegalArgumentException for another type or a value that it cannot hold
    public Whole {
      boolean fits =
          switch (type) {
            case UINT8 -> value >= 0 && value < 1 << 8;
            case INT8 -> value == (byte) value;
            case UINT16 -> value >= 0 && value < 1 << 16;
            case INT16 -> value == (short) value;
            case UINT32 -> value >= 0 && value < 1L << 32;
            case INT32 -> value == (int) value;
            case UINT64, INT64 -> true;
            default -> false;
          };
      if (!fits) {
        throw new IllegalArgumentException(value + " is no " + type);
      }
    }

    @Override
    public String display() {
      return type == GgufType.UINT64 ? Long.toUnsignedString(value) : Long.toString(value);
    }
  }

  record Float32(float value) implements GgufValue {
    @Override
    public GgufType type() {
      return GgufType.FLOAT32;
    }

    @Override
    public String display() {
      return Float.toString(value);
    }
  }

  record Float64(double value) implements GgufValue {
    @Override
    public GgufType type() {
      return GgufType.FLOAT64;
    }

    @Override
    public String display() {
      return Double.toString(value);
    }
  }

  record Bool(boolean value) implements GgufValue {
    @Override
    public GgufType type() {
      return GgufType.BOOL;
    }

    @Override
    public String display() {
      return Boolean.toString(value);
    }
  }

  record Text(String value) implements GgufValue {
    @Override
    public GgufType type() {
      return GgufType.STRING;
    }

    @Override
    public String display() {
      return value;
    }
  }

  /// An array of strings.
  record Texts(List<String> values) implements GgufValue {
    public Texts {
      values = List.copyOf(values);
    }

    @Override
    public GgufType type() {
      return GgufType.ARRAY;
    }

    @Override
    public String display() {
      return "STRING[" + values.size() + "]";
    }
  }

  static GgufValue of(String value) {
    return new Text(value);
  }

  static GgufValue of(boolean value) {
    return new Bool(value);
  }

  static GgufValue of(float value) {
    return new Float32(value);
  }

  /// The type of most counts and sizes.
  ///
  /// @throws IllegalArgumentException for a value below 0 or above 2^32 - 1
  static GgufValue uint32(long value) {
    return new Whole(GgufType.UINT32, value);
  }
}
