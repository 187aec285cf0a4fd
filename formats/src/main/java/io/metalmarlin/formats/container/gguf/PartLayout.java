package io.metalmarlin.formats.container.gguf;

import io.metalmarlin.formats.container.FilePlan;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Decides which tensors go into which file, and what each file begins with.
final class PartLayout {
  private PartLayout() {}

  /// Splits the tensors, in the order given, into parts of at most `maxPartBytes` of data each; a
  /// larger tensor has a part of its own.
  static List<FilePlan> plan(
      Path file, List<TensorInfo> tensors, GgufMetadata metadata, long maxPartBytes) {
    long alignment = alignment(metadata);
    List<List<TensorInfo>> parts = new ArrayList<>();
    List<TensorInfo> current = new ArrayList<>();
    long size = 0;
    for (TensorInfo t : tensors) {
      long padded = HeaderReader.padded(t.byteSize(), alignment);
      if (!current.isEmpty() && size + padded > maxPartBytes) {
        parts.add(current);
        current = new ArrayList<>();
        size = 0;
      }
      current.add(t);
      size += padded;
    }
    parts.add(current);
    String name = file.getFileName().toString();
    if (!name.endsWith(Parts.SUFFIX)) {
      throw new IllegalArgumentException(name + " does not end in " + Parts.SUFFIX);
    }
    if (parts.size() == 1) {
      return List.of(of(name, tensors, metadata, alignment));
    }
    String prefix = name.substring(0, name.length() - Parts.SUFFIX.length());
    List<FilePlan> out = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      String part = new SplitName(prefix, i + 1, parts.size()).fileName();
      GgufMetadata its = split(metadata, i, parts.size(), tensors.size());
      out.add(of(part, parts.get(i), its, alignment));
    }
    return out;
  }

  /// All metadata goes into the first part, as llama.cpp reads it; the alignment into each.
  private static GgufMetadata split(GgufMetadata all, int number, int count, int tensors) {
    LinkedHashMap<String, GgufValue> values = new LinkedHashMap<>();
    if (number == 0) {
      values.putAll(all.values());
    } else if (all.has(HeaderReader.ALIGNMENT_KEY)) {
      values.put(HeaderReader.ALIGNMENT_KEY, all.values().get(HeaderReader.ALIGNMENT_KEY));
    }
    values.put(Parts.NUMBER, new GgufValue.Whole(GgufType.UINT16, number));
    values.put(Parts.COUNT, new GgufValue.Whole(GgufType.UINT16, count));
    values.put(Parts.TENSORS, new GgufValue.Whole(GgufType.INT32, tensors));
    return new GgufMetadata(all.where(), values);
  }

  /// The file ends with the padding of its last tensor, as ggml requires.
  private static FilePlan of(
      String fileName, List<TensorInfo> tensors, GgufMetadata metadata, long alignment) {
    byte[] prefix = HeaderWriter.bytes(tensors, metadata, alignment);
    Map<String, Long> begin = new HashMap<>();
    long at = prefix.length;
    for (TensorInfo t : tensors) {
      begin.put(t.name(), at);
      at += HeaderReader.padded(t.byteSize(), alignment);
    }
    return new FilePlan(fileName, prefix, Map.copyOf(begin), at);
  }

  private static long alignment(GgufMetadata metadata) {
    long alignment =
        metadata.whole(HeaderReader.ALIGNMENT_KEY).orElse(HeaderReader.DEFAULT_ALIGNMENT);
    if (Long.bitCount(alignment) != 1 || alignment < 0) {
      throw new IllegalArgumentException("alignment " + alignment + " is no power of two");
    }
    return alignment;
  }
}
