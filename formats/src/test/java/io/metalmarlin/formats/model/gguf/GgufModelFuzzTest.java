package io.metalmarlin.formats.model.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.gguf.Gguf;
import io.metalmarlin.formats.container.gguf.GgufMetadata;
import io.metalmarlin.formats.container.gguf.GgufNumbers;
import io.metalmarlin.formats.container.gguf.GgufValue;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Damaged metadata and shapes end in a MarlinException or in a model whose every byte can be read.
class GgufModelFuzzTest {
  private static final long[] EDGES = {
    -1, 0, 1, 2, 3, 7, 0xff, 1 << 16, 1L << 31, (1L << 31) - 1, 1L << 32, 1L << 62, 1L << 63
  };

  private static final Set<String> EXPERTS =
      Set.of("qwen3_moe", "qwen2_moe", "olmoe", "glm4_moe", "mixtral", "deepseek_v3");

  static Stream<GgufFamily> families() {
    return GgufFamilies.ALL.stream();
  }

  @TempDir Path folder;
  private int files;

  private byte[] sound(GgufFamily family) throws IOException {
    String arch = family.architecture();
    LinkedHashMap<String, GgufValue> values = new LinkedHashMap<>();
    values.put("general.architecture", GgufValue.of(arch));
    for (String key :
        List.of(
            "block_count",
            "embedding_length",
            "feed_forward_length",
            "attention.head_count",
            "attention.head_count_kv",
            "attention.kv_lora_rank",
            "expert_used_count",
            "expert_feed_forward_length",
            "context_length")) {
      values.put(arch + "." + key, GgufValue.uint32(4));
    }
    values.put(arch + ".rope.dimension_count", GgufValue.uint32(2));
    values.put(arch + ".attention.key_length", GgufValue.uint32(4));
    values.put(arch + ".attention.layer_norm_rms_epsilon", GgufValue.of(1e-6f));
    if (EXPERTS.contains(family.modelType())) {
      values.put(arch + ".expert_count", GgufValue.uint32(3));
    }
    values.put(
        "tokenizer.ggml.model",
        GgufValue.of(family.architecture().equals("llama") ? "llama" : "gpt2"));
    values.put("tokenizer.ggml.pre", GgufValue.of("qwen2"));
    values.put("tokenizer.ggml.tokens", new GgufValue.Texts(List.of("a", "b", "ab", "<e>")));
    values.put("tokenizer.ggml.token_type", GgufNumbers.int32(1, 1, 1, 3));
    values.put("tokenizer.ggml.scores", GgufNumbers.float32(0, 0, 1, 0));
    values.put("tokenizer.ggml.merges", new GgufValue.Texts(List.of("a b")));
    values.put("tokenizer.ggml.eos_token_id", GgufValue.uint32(3));
    List<TensorInfo> tensors = new ArrayList<>();
    tensors.add(TensorInfo.of("token_embd.weight", DType.F32, 4, 4));
    tensors.add(TensorInfo.of("blk.0.attn_norm.weight", DType.F32, 4));
    tensors.add(TensorInfo.of("blk.0.attn_q.weight", DType.F16, 8, 4));
    tensors.add(TensorInfo.of("blk.0.attn_k_b.weight", DType.F32, 2, 4, 3));
    tensors.add(TensorInfo.of("blk.0.attn_v_b.weight", DType.F32, 2, 5, 4));
    tensors.add(TensorInfo.of("rope_freqs.weight", DType.F32, 2));
    if (values.containsKey(arch + ".expert_count")) {
      tensors.add(TensorInfo.of("blk.0.ffn_gate_up_exps.weight", DType.F16, 3, 2, 4));
      tensors.add(TensorInfo.of("blk.0.ffn_down_exps.scale", DType.F32, 3));
    }
    Path file = folder.resolve("sound.gguf");
    GgufMetadata metadata = new GgufMetadata("test", values);
    try (CheckpointWriter w = Gguf.INSTANCE.create(file, tensors, metadata, Long.MAX_VALUE)) {
      w.commit();
    }
    byte[] bytes = Files.readAllBytes(file);
    Files.delete(file);
    return bytes;
  }

  private String open(byte[] content) throws IOException {
    Path file = folder.resolve(files++ + ".gguf");
    Files.write(file, content);
    try (GgufModel model = GgufModel.open(file)) {
      for (Map.Entry<String, TensorInfo> t : model.view().tensors().entrySet()) {
        assertThat(model.view().bytes(t.getKey()).byteSize()).isEqualTo(t.getValue().byteSize());
      }
      GgufTokenizer.tokenizerConfig(model.metadata());
      return GgufTokenizer.tokenizerJson(model.metadata()).toString();
    } catch (MarlinException e) {
      assertThat(e.getMessage()).isNotBlank();
      return "";
    } finally {
      Files.delete(file);
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void seeded_mutations_never_escape(GgufFamily family) throws IOException {
    byte[] sound = sound(family);
    SplittableRandom random = new SplittableRandom(20260103);
    int header = sound.length - 400;
    for (int round = 0; round < 4000; round++) {
      byte[] damaged = sound.clone();
      for (int i = 1 + random.nextInt(3); i > 0; i--) {
        int at = 24 + random.nextInt(header - 24);
        long edge = EDGES[random.nextInt(EDGES.length)];
        int width = new int[] {1, 4, 8}[random.nextInt(3)];
        for (int b = 0; b < width; b++) {
          damaged[at + b] = (byte) (edge >> 8 * b);
        }
      }
      open(damaged);
    }
  }

  @ParameterizedTest
  @MethodSource("families")
  void numbers_of_every_key_replaced_never_escape(GgufFamily family) throws IOException {
    byte[] sound = sound(family);
    String text = new String(sound, StandardCharsets.ISO_8859_1);
    for (String key :
        List.of(
            "block_count",
            "embedding_length",
            "head_count",
            "head_count_kv",
            "kv_lora_rank",
            "expert_count",
            "dimension_count",
            "key_length",
            "eos_token_id",
            "context_length")) {
      int at = text.indexOf("." + key + "\4");
      if (at >= 0) {
        for (long edge : EDGES) {
          byte[] damaged = sound.clone();
          for (int b = 0; b < 4; b++) {
            damaged[at + key.length() + 5 + b] = (byte) (edge >> 8 * b);
          }
          open(damaged);
        }
      }
    }
  }
}
