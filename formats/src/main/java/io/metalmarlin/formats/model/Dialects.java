package io.metalmarlin.formats.model;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.model.gguf.GgufDialect;
import java.util.List;
import java.util.stream.Collectors;

/// The dialects this version reads and writes. A new one is one line here; the order is the order
/// of detection, most explicit first, and [HuggingFaceDense] accepts what is left.
public final class Dialects {
  public static final List<Dialect> ALL =
      List.of(
          new GgufDialect(),
          new MarlinDialect(),
          new CompressedTensorsDialect(),
          new ModelOptDialect(),
          new GptqDialect(),
          new AwqDialect(),
          new AutoRoundDialect(),
          new NativeFp8Dialect(),
          new FpQuantDialect(),
          new GptOssDialect(),
          new MlxDialect(),
          new HuggingFaceDense());

  private Dialects() {}

  /// The dialect a checkpoint is written in. What its configuration says counts before what its
  /// tensors look like.
  ///
  /// @throws MarlinException `REFUSED_FORMAT` naming a quantization method that no dialect reads
  public static Dialect of(ModelConfig config, Checkpoint checkpoint) {
    return ALL.stream()
        .filter(d -> d.accepts(config, checkpoint))
        .findFirst()
        .orElseThrow(() ->
            QuantizationConfig.refused(
                config.file().toString(), "the weights are " + unread(config)));
  }

  private static String unread(ModelConfig config) {
    QuantizationConfig q = QuantizationConfig.of(config);
    if (q.method().isPresent()) {
      return "stored by quant_method " + q.method().get();
    }
    if (q.mlx().isPresent() || q.root().isPresent()) {
      return "quantized in a way that the configuration does not name: it has no quant_method, and"
          + " not the bits and group_size of MLX";
    }
    return "packed in a way that neither the configuration nor the tensor names explain";
  }

  /// The dialect of that name.
  ///
  /// @throws IllegalArgumentException if there is none: names come from our own tables
  public static Dialect named(String name) {
    return ALL.stream()
        .filter(d -> d.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                name
                    + " is not among "
                    + ALL.stream().map(Dialect::name).collect(Collectors.joining(", "))));
  }
}
