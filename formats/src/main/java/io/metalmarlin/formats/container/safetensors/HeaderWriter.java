package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.json.PythonJson;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/// The JSON of a header with the reference writer's bytes: compact, `__metadata__` first when there
/// is any, tensors in data order, fields dtype, shape, data_offsets, blanks up to a multiple of 8.
///
/// With two or more metadata keys the reference's own order is random; ours is sorted.
final class HeaderWriter {
  private final StringBuilder out = new StringBuilder("{");
  private long offset;

  private HeaderWriter() {}

  /// @param tensors in data order
  static byte[] bytes(Iterable<TensorInfo> tensors, Map<String, String> metadata) {
    HeaderWriter w = new HeaderWriter();
    w.metadata(metadata);
    tensors.forEach(w::tensor);
    byte[] json = w.out.append('}').toString().getBytes(StandardCharsets.UTF_8);
    byte[] padded = new byte[Math.ceilDiv(json.length, 8) * 8];
    java.util.Arrays.fill(padded, json.length, padded.length, (byte) ' ');
    System.arraycopy(json, 0, padded, 0, json.length);
    return padded;
  }

  private void metadata(Map<String, String> metadata) {
    if (metadata.isEmpty()) {
      return;
    }
    string("__metadata__");
    out.append(":{");
    Iterator<Map.Entry<String, String>> i = new TreeMap<>(metadata).entrySet().iterator();
    while (i.hasNext()) {
      Map.Entry<String, String> e = i.next();
      string(e.getKey());
      out.append(':');
      string(e.getValue());
      out.append(i.hasNext() ? "," : "");
    }
    out.append('}');
  }

  private void tensor(TensorInfo t) {
    out.append(out.length() > 1 ? "," : "");
    string(t.name());
    out.append(":{\"dtype\":\"").append(t.dtype()).append("\",\"shape\":[");
    for (int i = 0; i < t.shape().size(); i++) {
      out.append(i > 0 ? "," : "").append(t.shape().get(i));
    }
    long end = offset + t.byteSize();
    out.append("],\"data_offsets\":[").append(offset).append(',').append(end).append("]}");
    offset = end;
  }

  private void string(String s) {
    PythonJson.quote(s, false, out);
  }
}
