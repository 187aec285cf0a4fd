package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// The block types of ggml this version knows. A new one is one line here.
public final class BlockCodecs {
  public static final List<BlockCodec> ALL =
      List.of(
          new Q40Codec(),
          new Q41Codec(),
          new Q50Codec(),
          new Q51Codec(),
          new Q80Codec(),
          new Q2KCodec(),
          new Q3KCodec(),
          new Q4KCodec(),
          new Q5KCodec(),
          new Q6KCodec(),
          new Iq2XxsCodec(),
          new Iq2XsCodec(),
          new Iq2SCodec(),
          new Iq3XxsCodec(),
          new Iq3SCodec(),
          new Iq1SCodec(),
          new Iq1MCodec(),
          new Iq4NlCodec(),
          new Iq4XsCodec(),
          new Tq10Codec(),
          new Tq20Codec(),
          new Mxfp4Codec(),
          new Nvfp4Codec(),
          new Q10Codec(),
          new Q20Codec());

  private static final Map<DType, BlockCodec> BY_TYPE = new EnumMap<>(DType.class);

  static {
    for (BlockCodec codec : ALL) {
      BY_TYPE.put(codec.type(), codec);
    }
  }

  private BlockCodecs() {}

  /// The codec of a block type.
  ///
  /// @throws IllegalArgumentException for a type whose elements stand alone
  public static BlockCodec of(DType type) {
    BlockCodec codec = BY_TYPE.get(type);
    if (codec == null) {
      throw new IllegalArgumentException(type + " is not a block type");
    }
    return codec;
  }
}
