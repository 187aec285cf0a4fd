package io.metalmarlin.quant.verify;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_INT_UNALIGNED;
import static java.lang.foreign.ValueLayout.JAVA_SHORT_UNALIGNED;

import io.metalmarlin.formats.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.stream.Stream;

/// Defects of tensors and their numbers.
final class TensorDefects {
  private static final String PACK = FileDefects.PACK;
  private static final String STATIC = "ct/NVFP4";
  private static final String MODELOPT = "modelopt/NVFP4";
  private static final String GPTQ = "autoround/gptq-w4g128";
  private static final String MLX = "mlx/nvfp4";
  private static final String DOWN = "model.layers.0.mlp.down_proj";
  private static final String Q = "model.layers.1.self_attn.q_proj";
  private static final String EMBEDDING = "model.embed_tokens.weight";

  private TensorDefects() {}

  static Stream<Defect> all() {
    return Stream.of(layout(), scales(), codes(), mlx(), tied(), split()).flatMap(s -> s);
  }

  private static Stream<Defect> layout() {
    return Stream.of(
        Defect.error(
            "a scale plane is of another size",
            "layout",
            PACK,
            List.of(DOWN, "[256, 48]"),
            p ->
                p.tensors(t ->
                    t.put(
                        DOWN + ".weight_scale",
                        PackFolder.Tensor.of(
                            DOWN + ".weight_scale",
                            DType.F8_E4M3,
                            MemorySegment.ofArray(new byte[256 * 40]),
                            256,
                            40)))),
        Defect.error(
            "scales are padded for one kernel",
            "layout",
            MODELOPT,
            List.of(DOWN, "padded or swizzled"),
            p ->
                p.tensors(t ->
                    t.put(
                        DOWN + ".weight_scale",
                        PackFolder.Tensor.of(
                            DOWN + ".weight_scale",
                            DType.F8_E4M3,
                            MemorySegment.ofArray(new byte[384 * 48]),
                            384,
                            48)))),
        Defect.error(
            "codes lost their scales",
            "dtype",
            MODELOPT,
            List.of(DOWN + ".weight", "U8"),
            p ->
                p.tensors(
                    t -> t.keySet().removeIf(n -> n.startsWith(DOWN) && n.contains("scale")))),
        Defect.error(
            "a norm is not finite",
            "non-finite",
            PACK,
            List.of("model.norm.weight", "element 3"),
            p ->
                p.bytes(
                    "model.norm.weight",
                    b -> b.setAtIndex(JAVA_SHORT_UNALIGNED, 3, (short) 0x7f80))),
        Defect.error(
            "an input scale is missing",
            "activation-scale",
            STATIC,
            List.of(DOWN + ".input_global_scale"),
            p -> p.tensors(t -> t.remove(DOWN + ".input_global_scale"))),
        Defect.error(
            "an input scale is zero",
            "activation-scale",
            MODELOPT,
            List.of(DOWN + ".input_scale", "0.0"),
            p -> p.bytes(DOWN + ".input_scale", b -> b.set(JAVA_FLOAT_UNALIGNED, 0, 0f))));
  }

  private static Stream<Defect> scales() {
    return Stream.of(
        Defect.error(
            "a group scale is NaN",
            "scale",
            PACK,
            List.of(DOWN, "1 of 12,288", "not finite", "row 0, group 5", "0x7f"),
            p -> p.bytes(DOWN + ".weight_scale", b -> b.set(JAVA_BYTE, 5, (byte) 0x7f))),
        Defect.error(
            "two group scales are negative",
            "scale",
            PACK,
            List.of(DOWN, "2 of 12,288", "negative"),
            p ->
                p.bytes(
                    DOWN + ".weight_scale",
                    b -> {
                      b.set(JAVA_BYTE, 50, (byte) 0xb8);
                      b.set(JAVA_BYTE, 51, (byte) 0xb8);
                    })),
        Defect.error(
            "a group scale is zero",
            "scale",
            PACK,
            List.of(DOWN, "zero over codes", "row 1, group 2"),
            p -> p.bytes(DOWN + ".weight_scale", b -> b.set(JAVA_BYTE, 50, (byte) 0))),
        Defect.error(
            "a tensor scale is zero",
            "decode",
            PACK,
            List.of(DOWN, "tensor scale is 0.0"),
            p -> p.bytes(DOWN + ".weight_global_scale", b -> b.set(JAVA_FLOAT_UNALIGNED, 0, 0f))),
        Defect.error(
                "fused scales differ",
                "fused-scale",
                PACK,
                List.of("model.layers.1.self_attn", "q_proj 3.0", "k_proj"),
                p -> p.bytes(Q + ".weight_global_scale", b -> b.set(JAVA_FLOAT_UNALIGNED, 0, 3f)))
            .forTarget("vllm"),
        Defect.warning(
            "fused scales differ",
            "fused-scale",
            MODELOPT,
            List.of("layers.1.self_attn", "q_proj 3.0"),
            p -> p.bytes(Q + ".weight_scale_2", b -> b.set(JAVA_FLOAT_UNALIGNED, 0, 3f))));
  }

  private static Stream<Defect> codes() {
    return Stream.of(
        Defect.error(
            "a column belongs to a group that is not there",
            "decode",
            GPTQ,
            List.of(DOWN, "g_idx", "input 700", "group 6"),
            p -> {
              p.quantization(q -> q.put("desc_act", true));
              p.bytes(DOWN + ".g_idx", b -> b.setAtIndex(JAVA_INT_UNALIGNED, 700, 6));
            }),
        Defect.warning(
            "a zero point lies beyond the codes",
            "code",
            GPTQ,
            List.of(DOWN, "is 16", "4-bit"),
            p -> {
              p.quantization(q -> q.put("sym", false));
              p.bytes(DOWN + ".qzeros", b -> b.set(JAVA_INT_UNALIGNED, 0, -1));
            }));
  }

  private static Stream<Defect> mlx() {
    return Stream.of(
        Defect.error(
            "mlx-lm finds no widths",
            "mlx-config",
            "mlx/affine-4bit-g64",
            List.of("no \"quantization\""),
            p -> p.json("config.json", c -> c.remove("quantization"))),
        Defect.warning(
            "two objects differ",
            "mlx-config",
            "mlx/mxfp4",
            List.of("differ"),
            p -> p.quantization(q -> q.put("group_size", 64))),
        Defect.warning(
            "the copy is missing",
            "mlx-config",
            "mlx/mxfp4",
            List.of("quantization_config"),
            p -> p.json("config.json", c -> c.remove("quantization_config"))),
        Defect.warning(
            "scales span 32 elements",
            "mlx-metal-scale",
            MLX,
            List.of(DOWN, "before 0.32.1"),
            p ->
                p.bytes(
                    DOWN + ".scales",
                    b -> {
                      for (long i = 0; i < b.byteSize(); i += 2) {
                        b.set(JAVA_BYTE, i + 1, b.get(JAVA_BYTE, i));
                      }
                    })),
        Defect.warning(
            "groups are lost",
            "underflow",
            MLX,
            List.of(DOWN, "2 of 12,288 groups"),
            p ->
                p.bytes(
                    DOWN + ".scales",
                    b -> {
                      b.set(JAVA_BYTE, 7, (byte) 0);
                      b.set(JAVA_BYTE, 8, (byte) 0);
                    })));
  }

  private static Stream<Defect> tied() {
    return Stream.of(
        Defect.error(
            "a tied model has a head of its own",
            "tied",
            PACK,
            List.of("lm_head", "differs"),
            p ->
                p.tensors(t -> {
                  byte[] other = t.get(EMBEDDING).bytes().toArray(JAVA_BYTE);
                  other[100] ^= 1;
                  t.put(
                      "lm_head.weight",
                      PackFolder.Tensor.of(
                          "lm_head.weight", DType.BF16, MemorySegment.ofArray(other), 512, 256));
                })),
        Defect.error(
            "an untied model has no head",
            "tied",
            PACK,
            List.of("lm_head.weight", "false"),
            p -> p.json("config.json", c -> c.put("tie_word_embeddings", false))));
  }

  private static Stream<Defect> split() {
    return Stream.of(
        Defect.error(
                "a part is no whole number of groups",
                "tensor-parallel",
                PACK,
                List.of("o_proj", "input 256 / 32 (--tp) = 8", "16"),
                p -> {})
            .over(32),
        Defect.error(
                "devices do not divide a matrix",
                "tensor-parallel",
                PACK,
                List.of("q_proj", "output 256", "--tp 3"),
                p -> {})
            .over(3),
        Defect.error(
                "heads cannot be dealt out",
                "tensor-parallel",
                PACK,
                List.of("num_attention_heads 4", "--tp 3"),
                p -> {})
            .over(3),
        Defect.error(
                "key-value heads cannot be dealt out",
                "tensor-parallel",
                PACK,
                List.of("num_key_value_heads 2", "--tp 3"),
                p -> {})
            .over(3),
        Defect.warning(
                "the target does not split",
                "tensor-parallel",
                PACK,
                List.of("marlin does not split"),
                p -> {})
            .forTarget("marlin")
            .over(2));
  }
}
