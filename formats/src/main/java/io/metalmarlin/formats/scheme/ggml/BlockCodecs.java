package io.metalmarlin.formats.scheme.ggml;

import io.metalmarlin.formats.tensor.DType;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// The block types of ggml this version knows. A new one is one line here.
public final class BlockCodecs {
  public static final List<BlockCodec> ALL = List.of(new Q40Codec(), new Q80Codec());

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
