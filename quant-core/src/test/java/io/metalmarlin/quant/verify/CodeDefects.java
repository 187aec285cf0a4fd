package io.metalmarlin.quant.verify;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/// Codes that are no numbers, and sparsity that is none.
final class CodeDefects {
  private static final String DOWN = "model.layers.0.mlp.down_proj";
  private static final String BASE = "base/qwen3-2l";

  private CodeDefects() {}

  static Stream<Defect> all() {
    return Stream.of(scales(), weights(), patterns(), claims()).flatMap(s -> s);
  }

  /// The NaN of E4M3 is 0x7f under either sign, that of E8M0 is 0xff.
  private static Stream<Defect> scales() {
    return Stream.of(
        scale("ct/NVFP4", DOWN + ".weight_scale", 0xff),
        scale("modelopt/NVFP4", DOWN + ".weight_scale", 0x7f),
        scale("mlx/nvfp4", DOWN + ".scales", 0x7f),
        scale("ct/MXFP4A16", DOWN + ".weight_scale", 0xff),
        scale("mlx/mxfp8", DOWN + ".scales", 0xff));
  }

  private static Defect scale(String pack, String tensor, int code) {
    return Defect.error(
        "a scale of " + pack + " is NaN",
        "scale",
        pack,
        List.of(DOWN, "not finite", "group 3", "0x%02x".formatted(code)),
        p -> p.bytes(tensor, b -> b.set(JAVA_BYTE, 3, (byte) code)));
  }

  private static Stream<Defect> weights() {
    return Stream.of(
        Defect.error(
            "a weight is the NaN of E4M3",
            "code",
            "ct/FP8_DYNAMIC",
            List.of(DOWN, "row 0, column 9", "0xff"),
            p -> p.bytes(DOWN + ".weight", b -> b.set(JAVA_BYTE, 9, (byte) 0xff))),
        Defect.error(
            "a microscaled weight is the NaN of E4M3",
            "code",
            "mlx/mxfp8",
            List.of(DOWN, "row 0, column 5", "0x7f"),
            p -> p.bytes(DOWN + ".weight", b -> b.set(JAVA_BYTE, 5, (byte) 0x7f))));
  }

  private static Stream<Defect> patterns() {
    return Stream.of(
        Defect.error(
            "a sparsity pattern is none",
            "decode",
            BASE,
            List.of(DOWN + ".weight_pattern", "row 0, quad 2 (columns 8 to 11)", "index 7"),
            p ->
                p.sparse(DOWN, 256, 768)
                    .bytes(
                        DOWN + ".weight_pattern",
                        b -> {
                          b.set(JAVA_BYTE, 0, (byte) 0xc0);
                          b.set(JAVA_BYTE, 1, (byte) 0x01);
                        })),
        Defect.error(
            "a scale of a sparse matrix is NaN",
            "scale",
            BASE,
            List.of(DOWN, "not finite", "group 3", "0x7f"),
            p ->
                p.sparse(DOWN, 256, 768)
                    .bytes(DOWN + ".weight_scale", b -> b.set(JAVA_BYTE, 3, (byte) 0x7f))));
  }

  private static Stream<Defect> claims() {
    return Stream.of(
        Defect.error(
            "more than two of four dense weights",
            "sparsity",
            BASE,
            List.of("model.layers.0", "weights that are not zero", "2:4"),
            p -> p.json("config.json", c -> claim(c.putObject("quantization_config")))));
  }

  private static void claim(ObjectNode q) {
    q.put("quant_method", "compressed-tensors");
    q.putObject("sparsity_config").put("format", "dense").put("sparsity_structure", "2:4");
  }
}
