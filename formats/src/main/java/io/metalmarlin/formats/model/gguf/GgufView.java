package io.metalmarlin.formats.model.gguf;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.gguf.GgufCheckpoint;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// An opened GGUF model as a Hugging Face checkpoint: names like
/// `model.layers.3.self_attn.q_proj.weight`, shapes `[out, in]`, one tensor per expert, rows of
/// queries and keys in Hugging Face's order, Gemma's norms without the one that was added. Types
/// stay those of the file, blocks stay as they are.
///
/// The tensor scale beside an NVFP4 tensor, `STEM.scale`, is `MODULE.weight_scale_2` here, and
/// `STEM.input_scale` is `MODULE.input_scale`. `rope_freqs.weight` belongs to the configuration and
/// is left out. The two halves of DeepSeek's `kv_b_proj` are put together again, decoded to FP32.
/// Whatever has no Hugging Face name stays under its own.
///
/// Reordered and changed tensors are copies, made anew at each call; all others are the mapped
/// bytes. Closing the view closes the file.
public final class GgufView implements Checkpoint {
  private final GgufCheckpoint file;
  private final SequencedMap<String, ViewedTensor> viewed;
  private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();

  /// @param file belongs to the view from now on
  /// @throws MarlinException `UNSUPPORTED_MODEL` for an architecture that is not translated,
  ///   `REFUSED_FORMAT` for tensor types that are no weights, `TENSOR_MISMATCH` for shapes that
  ///   contradict the metadata
  public GgufView(GgufCheckpoint file) {
    this.file = file;
    this.viewed = new ViewBuilder(file).build();
    viewed.forEach((name, v) -> tensors.put(name, v.info()));
  }

  /// The file behind the view.
  public GgufCheckpoint gguf() {
    return file;
  }

  /// The name in the file of the tensor that holds a tensor of the view.
  public String source(String name) {
    return find(name).source();
  }

  @Override
  public SequencedMap<String, TensorInfo> tensors() {
    return Collections.unmodifiableSequencedMap(tensors);
  }

  @Override
  public MemorySegment bytes(String name) {
    return find(name).bytes(file);
  }

  @Override
  public Path file(String name) {
    return file.file(find(name).source());
  }

  @Override
  public List<Path> files() {
    return file.files();
  }

  @Override
  public Map<String, String> metadata() {
    return file.metadata();
  }

  @Override
  public void close() {
    file.close();
  }

  private ViewedTensor find(String name) {
    ViewedTensor v = viewed.get(name);
    if (v == null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          file.files().getFirst().toString(),
          "has no tensor that stands for \"" + name + "\" among its " + file.tensors().size(),
          "Make the file again with a current converter.");
    }
    return v;
  }
}
