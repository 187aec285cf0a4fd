package io.metalmarlin.quant.verify;

import io.metalmarlin.formats.tensor.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/// Defects of files, index and configuration.
final class FileDefects {
  static final String PACK = "ct/NVFP4A16-2l";
  private static final String MODEL = "model.safetensors";
  private static final String INDEX = "model.safetensors.index.json";
  private static final String DOWN = "model.layers.0.mlp.down_proj";
  private static final String SCALE = DOWN + ".weight_scale";

  private FileDefects() {}

  static Stream<Defect> all() {
    return Stream.of(files(), index(), config()).flatMap(s -> s);
  }

  private static Stream<Defect> files() {
    return Stream.of(
        Defect.error(
            "a shard is cut",
            "file",
            PACK,
            List.of(MODEL, "incomplete download"),
            p -> {
              try (FileChannel f = FileChannel.open(p.file(MODEL), StandardOpenOption.WRITE)) {
                f.truncate(f.size() - 1000);
              }
            }),
        Defect.error(
            "a shard is missing",
            "file",
            PACK,
            List.of(MODEL, "missing"),
            p -> Files.delete(p.file(MODEL))),
        Defect.error(
            "there are no weights",
            "file",
            PACK,
            List.of("neither"),
            p -> {
              Files.delete(p.file(MODEL));
              Files.delete(p.file(INDEX));
            }),
        Defect.error(
            "the index is no JSON",
            "file",
            PACK,
            List.of(INDEX, "JSON"),
            p -> Files.writeString(p.file(INDEX), "{\"weight_map\": ")),
        Defect.error(
            "a tensor stands in two shards",
            "duplicate",
            PACK,
            List.of(SCALE, "and in"),
            p -> {
              Files.write(p.file("model-2.safetensors"), Files.readAllBytes(p.file(MODEL)));
              p.json(
                  INDEX, i -> ((ObjectNode) i.get("weight_map")).put(SCALE, "model-2.safetensors"));
            }),
        Defect.error(
            "a download was not finished",
            "leftover",
            PACK,
            List.of("model.safetensors.partial", "unfinished"),
            p -> Files.writeString(p.file(MODEL + ".partial"), "half")),
        Defect.warning(
            "another tensor file lies beside it",
            "leftover",
            "modelopt/NVFP4",
            List.of("logits.safetensors", "without an index"),
            p -> Files.write(p.file("logits.safetensors"), Files.readAllBytes(p.file(MODEL)))),
        Defect.error(
            "a file is not the one of the manifest",
            "manifest",
            PACK,
            List.of("config.json", "sha256"),
            p -> {
              manifest(p, "config.json", Files.size(p.file("config.json")));
            }),
        Defect.error(
            "a file is shorter than in the manifest",
            "manifest",
            PACK,
            List.of("config.json", "bytes"),
            p -> {
              manifest(p, "config.json", 7);
            }),
        Defect.error(
            "a file of the manifest is gone",
            "manifest",
            PACK,
            List.of("gone.json", "missing"),
            p -> {
              manifest(p, "gone.json", 7);
            }));
  }

  private static void manifest(PackFolder p, String file, long bytes) throws IOException {
    Files.writeString(
        p.file("marlin-manifest.json"),
        "{\"output\":[{\"file\":\"%s\",\"bytes\":%d,\"sha256\":\"%s\"}]}"
            .formatted(file, bytes, "0".repeat(64)));
  }

  private static Stream<Defect> index() {
    return Stream.of(
        Defect.error(
            "the index does not list a tensor",
            "index",
            PACK,
            List.of(SCALE, "not in the index"),
            p -> p.json(INDEX, i -> ((ObjectNode) i.get("weight_map")).remove(SCALE))),
        Defect.error(
            "the index lists a tensor nobody holds",
            "index",
            PACK,
            List.of("ghost", "does not hold"),
            p -> p.json(INDEX, i -> ((ObjectNode) i.get("weight_map")).put("ghost", MODEL))),
        Defect.error(
            "the index leaves the folder",
            "index",
            PACK,
            List.of(SCALE, "../other", "plain"),
            p ->
                p.json(
                    INDEX,
                    i -> ((ObjectNode) i.get("weight_map")).put(SCALE, "../other.safetensors"))),
        Defect.error(
            "the index has no map",
            "index",
            PACK,
            List.of("weight_map"),
            p -> p.json(INDEX, i -> i.remove("weight_map"))),
        Defect.warning(
            "the index counts wrong",
            "index",
            PACK,
            List.of("total_size is 1,"),
            p -> p.json(INDEX, i -> i.withObject("/metadata").put("total_size", 1))));
  }

  private static Stream<Defect> config() {
    return Stream.of(
        Defect.error(
            "there is no configuration",
            "config",
            PACK,
            List.of("config.json", "missing"),
            p -> Files.delete(p.file("config.json"))),
        Defect.error(
            "a key is of the wrong kind",
            "config",
            PACK,
            List.of("hidden_size"),
            p -> p.json("config.json", c -> c.put("hidden_size", "wide"))),
        Defect.error(
            "nobody knows the method",
            "config",
            PACK,
            List.of("quip"),
            p -> p.quantization(q -> q.put("quant_method", "quip"))),
        Defect.error(
            "the model type is missing",
            "config",
            PACK,
            List.of("model_type"),
            p -> p.json("config.json", c -> c.remove("model_type"))),
        Defect.error(
            "the configuration is of a wider model",
            "shape",
            PACK,
            List.of(DOWN, "256 x 768", "256 x 1024"),
            p -> p.json("config.json", c -> c.put("intermediate_size", 1024))),
        Defect.error(
            "a norm is missing",
            "shape",
            PACK,
            List.of("model.norm.weight", "not there"),
            p -> p.tensors(t -> t.remove("model.norm.weight"))),
        Defect.error(
            "the vocabulary of an unknown family is another",
            "shape",
            PACK,
            List.of("embed_tokens", "[512, 256]"),
            p ->
                p.json(
                    "config.json", c -> c.put("model_type", "unheard_of").put("vocab_size", 500))),
        Defect.error(
            "a linear is missing",
            "shape",
            PACK,
            List.of(DOWN + ".weight", "not there"),
            p -> p.tensors(t -> t.keySet().removeIf(n -> n.startsWith(DOWN)))),
        Defect.error(
                "a tensor belongs to nobody",
                "stray",
                PACK,
                List.of("model.layers.7.mlp"),
                p ->
                    p.tensors(t ->
                        t.put(
                            "model.layers.7.mlp.up_proj.weight",
                            small("model.layers.7.mlp.up_proj.weight"))))
            .forTarget("vllm"),
        Defect.warning(
            "a tensor belongs to nobody",
            "stray",
            PACK,
            List.of("model.layers.7.mlp"),
            p ->
                p.tensors(t ->
                    t.put(
                        "model.layers.7.mlp.up_proj.weight",
                        small("model.layers.7.mlp.up_proj.weight")))));
  }

  static PackFolder.Tensor small(String name) {
    return PackFolder.Tensor.of(name, DType.BF16, MemorySegment.ofArray(new byte[8]), 2, 2);
  }
}
