package io.metalmarlin.tests.endtoend;

import static io.metalmarlin.formats.model.Activations.NONE;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.model.ModuleLayout;
import io.metalmarlin.formats.model.StoredAs;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.open.OpenModel;
import io.metalmarlin.formats.scheme.AbsmaxQuantizer;
import io.metalmarlin.formats.scheme.BlockMatrix;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// What a peer's converter makes of a dense checkpoint without calibration data: every matrix
/// rounded by the layout's own rule, embeddings too, several layouts mixed as the peer mixes them.
///
/// @param dialect name of the dialect
/// @param rule which layout a module has
record PlainPack(String dialect, Rule rule) {
  private static final String WEIGHT = ".weight";

  /// Chooses layouts.
  @FunctionalInterface
  interface Rule {
    /// @param blocks of the whole model
    Packing of(String module, int blocks);
  }

  /// Writes it to a new folder.
  void write(Path source, Path out) throws IOException {
    Dialect to = Dialects.named(dialect);
    try (OpenModel model = OpenModel.open(source)) {
      int blocks = model.config().root().get("num_hidden_layers").intValue();
      Map<String, StoredAs> packed = new TreeMap<>();
      List<TensorInfo> outputs = new ArrayList<>();
      for (TensorInfo t : model.checkpoint().tensors().values()) {
        if (t.shape().size() == 2) {
          Packing packing = rule.of(stem(t), blocks);
          packed.put(stem(t), new StoredAs(packing.scheme().name(), packing, NONE));
          packing.planes(rows(t), cols(t)).forEach(p -> outputs.add(p.tensor(stem(t))));
        } else {
          outputs.add(t);
        }
      }
      Files.createDirectories(out);
      ModuleLayout layout = new ModuleLayout(packed, new TreeSet<>());
      for (var document : to.describe(model.config(), layout).entrySet()) {
        Files.writeString(out.resolve(document.getKey()), document.getValue().toString());
      }
      for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
        Files.write(out.resolve(file), Files.readAllBytes(source.resolve(file)));
      }
      try (CheckpointWriter writer =
          to.create(out, outputs, model.config(), source, Long.MAX_VALUE)) {
        for (TensorInfo t : model.checkpoint().tensors().values()) {
          MemorySegment bytes = model.checkpoint().bytes(t.name());
          StoredAs stored = t.shape().size() == 2 ? packed.get(stem(t)) : null;
          if (stored == null) {
            writer.write(t.name(), 0, bytes);
          } else {
            write(t, bytes, stored.packing(), writer);
          }
        }
        writer.commit();
      }
    }
  }

  private static void write(
      TensorInfo t, MemorySegment bytes, Packing packing, CheckpointWriter writer) {
    float[] w = new float[Math.toIntExact(t.elements())];
    Floats.widen(t.dtype(), bytes, 0, w, 0, w.length);
    List<TensorInfo> planes =
        packing.planes(rows(t), cols(t)).stream().map(p -> p.tensor(stem(t))).toList();
    List<MemorySegment> stored =
        planes.stream()
            .map(p -> MemorySegment.ofArray(new byte[Math.toIntExact(p.byteSize())]))
            .toList();
    packing.encode(rounded(t, w, packing), stored);
    for (int i = 0; i < stored.size(); i++) {
      writer.write(planes.get(i).name(), 0, stored.get(i));
    }
  }

  private static PackedMatrix rounded(TensorInfo t, float[] w, Packing packing) {
    int rows = rows(t);
    int cols = cols(t);
    if (packing instanceof BlockPacking blocks) {
      int stride = cols / blocks.type().blockElements() * blocks.type().blockBytes();
      byte[] all = new byte[rows * stride];
      for (int row = 0; row < rows; row++) {
        BlockCodecs.of(blocks.type()).encodeRow(w, row * cols, cols, null, 0, all, row * stride);
      }
      return new BlockMatrix(blocks.type(), rows, cols, MemorySegment.ofArray(all));
    }
    return AbsmaxQuantizer.quantize(
        (GroupPacking) packing, w, rows, cols, TensorScale.NONE, t.dtype());
  }

  private static String stem(TensorInfo t) {
    return t.name().substring(0, t.name().length() - WEIGHT.length());
  }

  private static int rows(TensorInfo t) {
    return t.shape().getFirst().intValue();
  }

  private static int cols(TensorInfo t) {
    return t.shape().getLast().intValue();
  }
}
