package io.metalmarlin.tests.fuzz;

import io.metalmarlin.formats.scheme.ggml.BlockCodec;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Blocks of every ggml type: any bytes are a block. The first byte chooses the type.
record BlockTarget() implements FuzzTarget {
  @Override
  public String name() {
    return "ggml blocks";
  }

  @Override
  public void read(byte[] input) {
    if (input.length == 0) {
      return;
    }
    BlockCodec codec = BlockCodecs.ALL.get((input[0] & 0xff) % BlockCodecs.ALL.size());
    int count = (input.length - 1) / codec.type().blockBytes();
    float[] out = new float[count * codec.type().blockElements()];
    codec.decode(MemorySegment.ofArray(input), 1, count, out, 0);
  }

  @Override
  public List<byte[]> seeds() {
    List<byte[]> seeds = new ArrayList<>();
    for (int i = 0; i < BlockCodecs.ALL.size(); i++) {
      byte[] seed = new byte[1 + BlockCodecs.ALL.get(i).type().blockBytes()];
      seed[0] = (byte) i;
      seeds.add(seed);
    }
    return seeds;
  }
}
