package io.metalmarlin.formats.scheme.nvfp4;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.number.BF16;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.scheme.AbsmaxQuantizer;
import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.MatrixDecoder;
import io.metalmarlin.formats.scheme.Packings;
import io.metalmarlin.formats.scheme.Plane;
import io.metalmarlin.formats.scheme.QuantizedMatrix;
import io.metalmarlin.formats.scheme.TensorScale;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Bytes that llm-compressor, ModelOpt and auto-round wrote, and the values their decoders give.
class PeerPackTest {
  private static final List<List<String>> FUSED =
      List.of(
          List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
          List.of("self_attn.o_proj"),
          List.of("mlp.gate_proj", "mlp.up_proj"),
          List.of("mlp.down_proj"));
  private static final Pattern KEY =
      Pattern.compile("(.+)\\.weight\\[(\\d+):(\\d+)](#peer_decompress)?");

  @ParameterizedTest
  @CsvSource({
    "ct/NVFP4A16, models/qwen3-7m, 6, nvfp4-pack-quantized",
    "ct/NVFP4A16-2l, packs/base/qwen3-2l, 2, nvfp4-pack-quantized",
    "ct/NVFP4, packs/base/qwen3-2l, 2, nvfp4-pack-quantized",
    "modelopt/NVFP4, packs/base/qwen3-2l, 2, modelopt-nvfp4",
  })
  void absmax_rounding_writes_the_peers_bytes(String pack, String base, int layers, String layout) {
    GroupPacking packing = packing(layout);
    try (Checkpoint dense = Containers.open(Shared.path(base));
        Checkpoint theirs = Containers.open(Shared.path("packs", pack))) {
      for (int layer = 0; layer < layers; layer++) {
        for (List<String> fused : FUSED) {
          String prefix = "model.layers." + layer + ".";
          float amax = 0;
          for (String module : fused) {
            float[] w = dense(dense, prefix + module + ".weight");
            amax = Math.max(amax, AbsmaxQuantizer.absmax(w, 0, w.length));
          }
          TensorScale ts = packing.profile().tensorScale(amax, DType.BF16);
          for (String module : fused) {
            compare(packing, dense, theirs, prefix + module, ts);
          }
        }
      }
    }
  }

  private static void compare(
      GroupPacking packing, Checkpoint dense, Checkpoint theirs, String stem, TensorScale ts) {
    TensorInfo info = dense.tensors().get(stem + ".weight");
    int rows = info.shape().get(0).intValue();
    int cols = info.shape().get(1).intValue();
    float[] w = dense(dense, stem + ".weight");
    QuantizedMatrix m = AbsmaxQuantizer.quantize(packing, w, rows, cols, ts, DType.BF16);
    List<Plane> planes = packing.planes(rows, cols);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> ours =
          planes.stream().map(p -> arena.allocate(p.tensor(stem).byteSize())).toList();
      packing.encode(m, ours);
      for (int i = 0; i < planes.size(); i++) {
        TensorInfo want = planes.get(i).tensor(stem);
        assertThat(theirs.tensors().get(want.name())).isEqualTo(want);
        assertThat(ours.get(i).mismatch(theirs.bytes(want.name()))).as(want.name()).isEqualTo(-1);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "ct/NVFP4A16, nvfp4-pack-quantized",
    "ct/NVFP4A16-2l, nvfp4-pack-quantized",
    "ct/NVFP4, nvfp4-pack-quantized",
    "autoround/nvfp4-llm_compressor, nvfp4-pack-quantized",
    "modelopt/NVFP4, modelopt-nvfp4",
  })
  void decodes_to_the_peers_values(String pack, String layout) {
    GroupPacking packing = packing(layout);
    Path folder = Shared.path("packs", pack);
    int decoded = 0;
    try (Checkpoint theirs = Containers.open(folder);
        Checkpoint expected = Containers.open(folder.resolve("expected.safetensors"))) {
      for (String key : expected.tensors().keySet()) {
        Matcher k = KEY.matcher(key);
        assertThat(k.matches()).as(key).isTrue();
        float[] want = dense(expected, key);
        boolean peer = k.group(4) != null;
        // These keys name a later layer, but the values are the peer's decoding of layer 0.
        String stem = peer ? k.group(1).replaceFirst("layers\\.\\d+", "layers.0") : k.group(1);
        int from = Integer.parseInt(k.group(2));
        int to = Integer.parseInt(k.group(3));
        String codes = stem + "." + packing.planes(16, 16).getFirst().suffix();
        if (theirs.tensors().containsKey(codes)
            && theirs.tensors().get(codes).dtype() == DType.U8) {
          float[] ours = decode(packing, theirs, stem, from, to);
          for (int i = 0; i < want.length; i++) {
            float mine = peer ? BF16.round(ours[i]) : ours[i];
            // + 0 because ModelOpt's table has no -0; every other bit must agree.
            assertThat(Float.floatToIntBits(mine + 0f))
                .as("%s element %d: %s, want %s", key, i, mine, want[i])
                .isEqualTo(Float.floatToIntBits(want[i] + 0f));
          }
          decoded++;
        }
      }
    }
    assertThat(decoded).isGreaterThanOrEqualTo(2);
  }

  private static float[] decode(GroupPacking packing, Checkpoint c, String stem, int from, int to) {
    List<Long> shape =
        c.tensors().get(stem + "." + packing.planes(16, 16).getFirst().suffix()).shape();
    int rows = shape.get(0).intValue();
    int cols = shape.get(1).intValue() * 2;
    List<MemorySegment> planes =
        packing.planes(rows, cols).stream().map(p -> c.bytes(p.tensor(stem).name())).toList();
    float[] out = new float[(to - from) * cols];
    MatrixDecoder.decode(packing.decode(planes, rows, cols), from, to, out);
    return out;
  }

  private static float[] dense(Checkpoint c, String name) {
    TensorInfo info = c.tensors().get(name);
    float[] out = new float[(int) info.elements()];
    Floats.widen(info.dtype(), c.bytes(name), 0, out, 0, out.length);
    return out;
  }

  private static GroupPacking packing(String name) {
    return (GroupPacking)
        Packings.ALL.stream().filter(p -> p.name().equals(name)).findFirst().orElseThrow();
  }
}
