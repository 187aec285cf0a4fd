package io.metalmarlin.quant.report;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/// Where a module stands, read from its name: the first number in it is the layer, a later one the
/// expert.
///
/// @param layer 0-based, [#OUTSIDE] where the name has no number
/// @param role what stands behind the layer, a later number as `*`: `self_attn.q_proj`,
///   `mlp.experts.*.down_proj`; the whole name outside of layers
/// @param expert its number, [#SINGLE] where there is one matrix
public record ModulePlace(int layer, String role, int expert) {
  public static final int OUTSIDE = -1;
  public static final int SINGLE = -1;

  /// @param name of a module or of one of its tensors
  public static ModulePlace of(String name) {
    String module = name.endsWith(".weight") ? name.substring(0, name.length() - 7) : name;
    List<String> parts = Arrays.asList(module.split("\\."));
    int at = number(parts, 0);
    if (at == parts.size() || at == parts.size() - 1) {
      return new ModulePlace(OUTSIDE, module, SINGLE);
    }
    List<String> rest = parts.subList(at + 1, parts.size());
    int expert = number(rest, 0);
    String role = rest.stream().map(p -> isNumber(p) ? "*" : p).collect(Collectors.joining("."));
    return new ModulePlace(
        Integer.parseInt(parts.get(at)),
        role,
        expert == rest.size() ? SINGLE : Integer.parseInt(rest.get(expert)));
  }

  private static int number(List<String> parts, int from) {
    int at = from;
    while (at < parts.size() && !isNumber(parts.get(at))) {
      at++;
    }
    return at;
  }

  private static boolean isNumber(String part) {
    return part.matches("\\d{1,9}");
  }
}
