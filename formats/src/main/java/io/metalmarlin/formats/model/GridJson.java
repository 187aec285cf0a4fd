package io.metalmarlin.formats.model;

import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.formats.scheme.codebook.CodebookScheme;
import io.metalmarlin.formats.scheme.nvfp4.Nvfp4Scheme;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Numeric grids as our own configuration spells them, `docs/formats/marlin.md`.
final class GridJson {
  private static final String WHOLE = "whole";

  private GridJson() {}

  /// @throws IllegalArgumentException for a grid that our dialect does not store
  static ObjectNode of(Scheme scheme) {
    ObjectNode n = QuantizationConfig.JSON.createObjectNode();
    switch (scheme) {
      case Sparse24Scheme s -> {
        n.put("type", "2:4");
        n.set("values", of(s.values()));
      }
      case Nvfp4Scheme s when s.equals(Nvfp4Scheme.INSTANCE) -> n.put("type", "nvfp4");
      case IntScheme s -> {
        n.put("type", "int");
        n.put("bits", s.bits());
        size(n, "group_size", s.groupSize());
        n.put("scale", lower(s.scaleType()));
        n.put("zero", lower(s.zero()));
      }
      case CodebookScheme s -> {
        n.put("type", "lloyd");
        n.put("bits", s.bits());
        size(n, "group_size", s.groupSize());
        n.put("scale", lower(s.scaleType()));
      }
      case TrellisScheme s -> {
        n.put("type", "trellis");
        n.put("bits", s.bits());
        size(n, "group_size", s.groupSize());
        n.put("scale", lower(s.scaleType()));
      }
      case FloatScheme s -> {
        n.put("type", lower(s.element()));
        size(n, "group_rows", s.groupRows());
        size(n, "group_size", s.groupSize());
        n.put("scale", lower(s.scaleType()));
      }
      default -> throw new IllegalArgumentException("no form for " + scheme.name());
    }
    return n;
  }

  /// The grid, or empty where the object describes none that this version knows.
  static Optional<Scheme> read(JsonNode n) {
    try {
      return Optional.of(
          switch (n.path("type").asString("")) {
            case "2:4" -> new Sparse24Scheme(values(n.path("values")));
            case "nvfp4" -> Nvfp4Scheme.INSTANCE;
            case "int" ->
                new IntScheme(
                    n.path("bits").asInt(0),
                    size(n, "group_size"),
                    ScaleType.valueOf(upper(n, "scale")),
                    Zero.valueOf(upper(n, "zero")));
            case "lloyd" ->
                new CodebookScheme(
                    n.path("bits").asInt(0),
                    size(n, "group_size"),
                    ScaleType.valueOf(upper(n, "scale")));
            case "trellis" ->
                new TrellisScheme(
                    n.path("bits").asInt(0),
                    size(n, "group_size"),
                    ScaleType.valueOf(upper(n, "scale")));
            default ->
                new FloatScheme(
                    FloatScheme.Element.valueOf(upper(n, "type")),
                    size(n, "group_rows"),
                    size(n, "group_size"),
                    ScaleType.valueOf(upper(n, "scale")));
          });
    } catch (IllegalArgumentException unknown) {
      return Optional.empty();
    }
  }

  private static void size(ObjectNode n, String key, int size) {
    if (size == GroupScheme.WHOLE) {
      n.put(key, WHOLE);
    } else {
      n.put(key, size);
    }
  }

  private static int size(JsonNode n, String key) {
    int size = n.path(key).asString("").equals(WHOLE) ? GroupScheme.WHOLE : n.path(key).asInt(0);
    if (size < 1) {
      throw new IllegalArgumentException(key + " " + size);
    }
    return size;
  }

  private static GroupScheme values(JsonNode n) {
    return read(n)
        .filter(GroupScheme.class::isInstance)
        .map(GroupScheme.class::cast)
        .orElseThrow(() -> new IllegalArgumentException("values " + n));
  }

  private static String lower(Enum<?> e) {
    return e.name().toLowerCase(Locale.ROOT);
  }

  private static String upper(JsonNode n, String key) {
    return n.path(key).asString("").toUpperCase(Locale.ROOT);
  }
}
