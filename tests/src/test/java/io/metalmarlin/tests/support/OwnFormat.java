package io.metalmarlin.tests.support;

import io.metalmarlin.formats.container.CheckpointWriter;
import io.metalmarlin.formats.container.safetensors.Safetensors;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A checkpoint with its experts stacked as transformers 5 saves them with
/// `save_original_format=False`: `experts.gate_up_proj` `[E, 2 ff, in]`, gate first, and
/// `experts.down_proj` `[E, in, ff]`.
public final class OwnFormat {
  private static final Pattern EXPERT =
      Pattern.compile("(.*\\.experts\\.)(\\d+)\\.(gate|up|down)_proj\\.weight");

  private OwnFormat() {}

  /// Writes the model beside its config.
  public static void write(Path source, Path to) throws IOException {
    Map<String, TensorInfo> infos = new TreeMap<>();
    Map<String, ByteArrayOutputStream> bytes = new TreeMap<>();
    var tensors = RawCheckpoint.of(source).tensors();
    for (var e : tensors.entrySet()) {
      Matcher m = EXPERT.matcher(e.getKey());
      if (!m.matches()) {
        add(e.getKey(), e.getValue().shape(), e.getValue(), infos, bytes);
      } else if (m.group(2).equals("0") && !m.group(3).equals("up")) {
        boolean down = m.group(3).equals("down");
        List<String> parts = down ? List.of("down") : List.of("gate", "up");
        String name = m.group(1) + (down ? "down_proj" : "gate_up_proj");
        int experts = 0;
        while (tensors.containsKey(m.group(1) + experts + ".up_proj.weight")) {
          experts++;
        }
        List<Long> one = e.getValue().shape();
        List<Long> shape = List.of((long) experts, one.get(0) * parts.size(), one.get(1));
        for (int x = 0; x < experts; x++) {
          for (String part : parts) {
            var t = tensors.get(m.group(1) + x + "." + part + "_proj.weight");
            add(name, shape, t, infos, bytes);
          }
        }
      }
    }
    Files.createDirectories(to);
    try (CheckpointWriter writer =
        Safetensors.INSTANCE.create(
            to, new ArrayList<>(infos.values()), Map.of("format", "pt"), Long.MAX_VALUE)) {
      bytes.forEach((name, b) -> writer.write(name, 0, MemorySegment.ofArray(b.toByteArray())));
      writer.commit();
    }
    Files.write(to.resolve("config.json"), Files.readAllBytes(source.resolve("config.json")));
  }

  private static void add(
      String name,
      List<Long> shape,
      RawCheckpoint.Tensor part,
      Map<String, TensorInfo> infos,
      Map<String, ByteArrayOutputStream> bytes) {
    infos.put(name, new TensorInfo(name, DType.valueOf(part.dtype()), shape));
    bytes.computeIfAbsent(name, n -> new ByteArrayOutputStream()).writeBytes(part.data());
  }
}
