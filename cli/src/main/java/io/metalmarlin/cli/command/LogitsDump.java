package io.metalmarlin.cli.command;

import io.metalmarlin.cli.args.UsageErrors;
import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.formats.container.safetensors.SingleFile;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.Tensor;
import io.metalmarlin.runtime.decode.Decoder;
import io.metalmarlin.runtime.model.ModelSpec;
import io.metalmarlin.runtime.model.Sequences;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;

/// `eval --input-ids --dump-logits`: the logits after every given token, fp32 `[T, V]`, in a file
/// that any safetensors reader opens. Needs no tokenizer. The file appears whole or not at all.
final class LogitsDump {
  private static final String TENSOR = "logits";

  // Rows of logits in memory at once.
  private static final int ROWS = 64;

  private LogitsDump() {}

  static Outcome run(Decoder decoder, int[] ids, Path file) {
    ModelSpec spec = decoder.spec();
    check(ids, spec);
    compute(decoder, ids, file);
    ObjectNode json = Json.object();
    json.put("file", file.toString());
    json.put("tensor", TENSOR);
    json.put("dtype", DType.F32.name());
    json.putArray("shape").add(ids.length).add(spec.vocabulary());
    return Outcome.ok(
        json,
        "%s: tensor %s, F32 [%d, %d], %s%n"
            .formatted(
                file,
                TENSOR,
                ids.length,
                spec.vocabulary(),
                Figures.bytes(4L * ids.length * spec.vocabulary())));
  }

  private static void compute(Decoder decoder, int[] ids, Path target) {
    ModelSpec spec = decoder.spec();
    Backend backend = decoder.backend();
    int vocabulary = spec.vocabulary();
    TensorInfo info = TensorInfo.of(TENSOR, DType.F32, ids.length, vocabulary);
    try (Tensor hidden = backend.allocate(ids.length, spec.hidden());
        Tensor rows = backend.allocate(Math.min(ROWS, ids.length), vocabulary);
        Arena arena = Arena.ofConfined();
        SingleFile file = SingleFile.create(target, List.of(info), Map.of())) {
      MemorySegment host = arena.allocate(4L * rows.rows() * vocabulary, 64);
      Sequences all = Sequences.fresh(1, ids.length);
      decoder.embed(ids, all, hidden);
      for (int b = 0; b < spec.blocks().size(); b++) {
        decoder.block(b, hidden, all, null);
      }
      for (int at = 0; at < ids.length; at += ROWS) {
        int n = Math.min(ROWS, ids.length - at);
        Tensor view = backend.rows(rows, 0, n);
        MemorySegment part = host.asSlice(0, 4L * n * vocabulary);
        decoder.logits(hidden, at, at + n, view);
        backend.read(view, part);
        file.writer().write(TENSOR, 4L * at * vocabulary, part);
      }
      file.commit();
    }
  }

  private static void check(int[] ids, ModelSpec spec) {
    if (ids.length > spec.maxPositions()) {
      throw UsageErrors.conflict(
          "--input-ids",
          "holds %d ids, the model has %d positions".formatted(ids.length, spec.maxPositions()),
          "Give at most " + spec.maxPositions() + ".");
    }
    for (int id : ids) {
      if (id >= spec.vocabulary()) {
        throw UsageErrors.badValue(
            "--input-ids",
            Integer.toString(id),
            "is outside the model's vocabulary of %d".formatted(spec.vocabulary()));
      }
    }
  }
}
