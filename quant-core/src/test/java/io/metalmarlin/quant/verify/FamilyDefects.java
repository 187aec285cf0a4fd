package io.metalmarlin.quant.verify;

import java.util.List;
import java.util.stream.Stream;

/// Defects that one program stumbles over in one family of checkpoints.
final class FamilyDefects {
  private static final String GPTQ = "autoround/gptq-w4g128";
  private static final String AWQ = "autoround/awq-w4g128";
  private static final String DOWN = "model.layers.0.mlp.down_proj";
  private static final String Q = "model.layers.1.self_attn.q_proj";

  private FamilyDefects() {}

  static Stream<Defect> all() {
    return Stream.of(grids(), heads(), listed(), split()).flatMap(s -> s);
  }

  private static Stream<Defect> grids() {
    return Stream.of(
        Defect.error(
                "there is no kernel for three bits",
                "target",
                "ct/W3A16",
                List.of("int3", "sglang takes 4 or 8 bits"),
                p -> {})
            .forTarget("sglang"),
        Defect.warning(
                "three bits need kernels of their own",
                "target",
                "ct/W3A16",
                List.of("Humming", "13 other modules"),
                p -> {})
            .forTarget("vllm"),
        Defect.error(
                "there is no kernel for ModelOpt's INT4",
                "target",
                "modelopt/INT4_AWQ",
                List.of("quant_algo", "W4A16_AWQ"),
                p -> {})
            .forTarget("vllm"),
        Defect.error(
                "inputs stay in 16 bits",
                "target",
                "ct/NVFP4A16-2l",
                List.of("config_groups", "trtllm"),
                p -> {})
            .forTarget("trtllm"),
        Defect.warning(
                "GGUF needs a package", "target", "gguf/Q8_0", List.of("vllm-gguf-plugin"), p -> {})
            .forTarget("vllm"),
        Defect.error(
                "a GPTQ pack has a group index",
                "target",
                GPTQ,
                List.of("mlx-lm does not load gptq", "g_idx"),
                p -> {})
            .forTarget("mlx-lm"));
  }

  private static Stream<Defect> heads() {
    return Stream.of(
        Defect.error(
                "a head that is announced is dense",
                "target",
                GPTQ,
                List.of("lm_head is true", "stored dense"),
                p -> {
                  p.quantization(q -> q.put("lm_head", true));
                  p.tensors(t -> {
                    PackFolder.Tensor e = t.get("model.embed_tokens.weight");
                    t.put(
                        "lm_head.weight",
                        PackFolder.Tensor.of(
                            "lm_head.weight", e.info().dtype(), e.bytes(), 512, 256));
                  });
                })
            .forTarget("vllm"),
        Defect.error(
                "a quantized head is not announced",
                "target",
                GPTQ,
                List.of("lm_head is not true"),
                FamilyDefects::quantizedHead)
            .forTarget("sglang"),
        Defect.error(
                "a head is quantized",
                "target",
                AWQ,
                List.of("lm_head", "takes it for a dense one"),
                FamilyDefects::quantizedHead)
            .forTarget("transformers"));
  }

  /// The planes of another matrix of the same width stand for a head.
  private static void quantizedHead(PackFolder p) {
    p.tensors(t -> {
      for (String plane : List.of("qweight", "qzeros", "scales", "g_idx")) {
        PackFolder.Tensor q = t.get(Q + "." + plane);
        if (q != null) {
          String name = "lm_head." + plane;
          long[] shape = q.info().shape().stream().mapToLong(Long::longValue).toArray();
          t.put(name, PackFolder.Tensor.of(name, q.info().dtype(), q.bytes(), shape));
        }
      }
    });
  }

  private static Stream<Defect> listed() {
    return Stream.of("sglang", "transformers")
        .map(target ->
            Defect.error(
                    "a dense linear is not named",
                    "target",
                    AWQ,
                    List.of(DOWN, "modules_to_not_convert", target),
                    p ->
                        p.tensors(t -> {
                          t.keySet().removeIf(n -> n.startsWith(DOWN));
                          t.put(
                              DOWN + ".weight",
                              PackFolder.Tensor.of(
                                  DOWN + ".weight",
                                  io.metalmarlin.formats.tensor.DType.F16,
                                  java.lang.foreign.MemorySegment.ofArray(new byte[2 * 256 * 768]),
                                  256,
                                  768));
                        }))
                .forTarget(target));
  }

  private static Stream<Defect> split() {
    return Stream.of(
        Defect.error(
                "a part of a GPTQ matrix is no whole number of groups",
                "tensor-parallel",
                GPTQ,
                List.of(DOWN, "input 768 / 4 (--tp) = 192", "128"),
                p -> {})
            .forTarget("vllm")
            .over(4),
        Defect.error(
                "a part of a symmetric GPTQ matrix cuts the words of its zero points",
                "tensor-parallel",
                GPTQ,
                List.of("k_proj", "output 128 / 32 (--tp) = 4", "8"),
                p -> {})
            .over(32),
        Defect.error(
                "a part of an AWQ matrix cuts its words",
                "tensor-parallel",
                AWQ,
                List.of("k_proj", "output 128 / 32 (--tp) = 4", "8"),
                p -> {})
            .over(32));
  }
}
