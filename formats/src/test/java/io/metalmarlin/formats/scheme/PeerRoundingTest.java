package io.metalmarlin.formats.scheme;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.floating.Fp8Layout;
import io.metalmarlin.formats.scheme.floating.Fp8Packing;
import io.metalmarlin.formats.scheme.floating.MxPacking;
import io.metalmarlin.formats.scheme.integer.IntQuantized;
import io.metalmarlin.formats.scheme.integer.PackQuantized;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Packs that llm-compressor and ModelOpt made by plain rounding, against our rounding of the same
/// weights: every byte of every plane.
class PeerRoundingTest {
  private static final int WHOLE = GroupScheme.WHOLE;
  private static final Map<String, GroupPacking> PACKS =
      Map.of(
          "ct/W3A16",
          new PackQuantized(new IntScheme(3, 128, ScaleType.BF16, Zero.NONE)),
          "ct/W4A16_ASYM",
          new PackQuantized(new IntScheme(4, 128, ScaleType.BF16, Zero.POINT)),
          "ct/INT8",
          new IntQuantized(new IntScheme(8, WHOLE, ScaleType.BF16, Zero.NONE)),
          "ct/FP8_DYNAMIC",
          fp8(1, WHOLE),
          "ct/FP8_BLOCK",
          fp8(128, 128),
          "ct/MXFP4A16",
          MxPacking.MXFP4,
          "modelopt/FP8",
          new Fp8Packing(FloatScheme.fp8(WHOLE, WHOLE, ScaleType.F32), Fp8Layout.MODELOPT));
  private static final List<String> MODULES =
      List.of(
          "self_attn.q_proj",
          "self_attn.k_proj",
          "self_attn.v_proj",
          "self_attn.o_proj",
          "mlp.gate_proj",
          "mlp.up_proj",
          "mlp.down_proj");

  private static GroupPacking fp8(int rows, int cols) {
    return new Fp8Packing(
        FloatScheme.fp8(rows, cols, ScaleType.BF16), Fp8Layout.COMPRESSED_TENSORS);
  }

  static Set<String> packs() {
    return PACKS.keySet();
  }

  @ParameterizedTest
  @MethodSource("packs")
  void absmax_rounding_writes_the_peers_bytes(String pack) {
    GroupPacking packing = PACKS.get(pack);
    try (Checkpoint dense = Containers.open(Shared.path("packs/base/qwen3-2l"));
        Checkpoint theirs = Containers.open(Shared.path("packs", pack))) {
      for (int layer = 0; layer < 2; layer++) {
        for (String module : MODULES) {
          compare(packing, dense, theirs, "model.layers." + layer + "." + module);
        }
      }
    }
  }

  private static float[] dense(Checkpoint dense, String stem) {
    TensorInfo info = dense.tensors().get(stem + ".weight");
    float[] w = new float[(int) info.elements()];
    Floats.widen(info.dtype(), dense.bytes(info.name()), 0, w, 0, w.length);
    return w;
  }

  private static void compare(
      GroupPacking packing, Checkpoint dense, Checkpoint theirs, String stem) {
    TensorInfo info = dense.tensors().get(stem + ".weight");
    int rows = info.shape().get(0).intValue();
    int cols = info.shape().get(1).intValue();
    float[] w = dense(dense, stem);
    QuantizedMatrix m =
        AbsmaxQuantizer.quantize(packing, w, rows, cols, TensorScale.NONE, DType.BF16);
    List<Plane> planes = packing.planes(rows, cols);
    try (Arena arena = Arena.ofConfined()) {
      List<MemorySegment> ours =
          planes.stream().map(p -> arena.allocate(p.tensor(stem).byteSize())).toList();
      packing.encode(m, ours);
      // Last to first: a wrong scale is told before the codes that follow from it.
      for (int i = planes.size() - 1; i >= 0; i--) {
        TensorInfo want = planes.get(i).tensor(stem);
        assertThat(theirs.tensors().get(want.name())).isEqualTo(want);
        assertThat(ours.get(i).mismatch(theirs.bytes(want.name()))).as(want.name()).isEqualTo(-1);
      }
    }
  }
}
