package io.metalmarlin.formats.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import io.metalmarlin.formats.number.BF16;
import io.metalmarlin.formats.number.Floats;
import io.metalmarlin.formats.scheme.ColumnScaled;
import io.metalmarlin.formats.scheme.PackedMatrix;
import io.metalmarlin.formats.tensor.TensorInfo;
import io.metalmarlin.formats.testing.Shared;
import java.nio.file.Path;
import java.util.SequencedMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Whole folders of llm-compressor, ModelOpt and auto-round: every module is found and its values
/// are those of the peer's own decoder, bit for bit.
class PeerValuesTest {
  private static final Pattern KEY =
      Pattern.compile("(.+)\\.weight\\[(\\d+):(\\d+)](#peer_decompress)?");

  @ParameterizedTest
  @CsvSource({
    "ct/FP8_BLOCK, float-quantized-fp8-128x128-bf16, 14",
    "ct/FP8_DYNAMIC, float-quantized-fp8-channel-bf16, 14",
    "ct/INT8, int-quantized-int8-channel-bf16, 14",
    "ct/MXFP4A16, mxfp4-pack-quantized, 14",
    "ct/NVFP4, nvfp4-pack-quantized, 14",
    "ct/NVFP4A16, nvfp4-pack-quantized, 42",
    "ct/NVFP4A16-2l, nvfp4-pack-quantized, 14",
    "ct/W3A16, pack-quantized-int3-g128-bf16, 14",
    "ct/W4A16-GPTQ, pack-quantized-int4-g128-bf16, 14",
    "ct/W4A16_ASYM, pack-quantized-int4-g128-asym-bf16, 14",
    "modelopt/FP8, modelopt-fp8-tensor-f32, 14",
    "modelopt/INT4_AWQ, modelopt-int4-g128-f32, 14",
    "modelopt/NVFP4, modelopt-nvfp4, 14",
    "autoround/nvfp4-llm_compressor, nvfp4-pack-quantized, 14",
  })
  void decodes_to_the_peers_values(String pack, String packing, int modules) {
    Path folder = Shared.path("packs", pack);
    ModelConfig config = ModelConfigs.read(folder);
    int decoded = 0;
    try (Checkpoint theirs = Containers.open(folder);
        Checkpoint expected = Containers.open(folder.resolve("expected.safetensors"))) {
      SequencedMap<String, PackedModule> found =
          Dialects.of(config, theirs).modules(config, theirs);
      assertThat(found).hasSize(modules);
      assertThat(found.values()).allMatch(m -> m.packing().name().startsWith(packing));
      for (TensorInfo key : expected.tensors().values()) {
        Matcher k = KEY.matcher(key.name());
        assertThat(k.matches()).as(key.name()).isTrue();
        boolean peer = k.group(4) != null;
        // These keys name a later layer, but the values are the peer's decoding of layer 0.
        String stem = peer ? k.group(1).replaceFirst("layers\\.\\d+", "layers.0") : k.group(1);
        if (found.containsKey(stem)) {
          float[] ours = new float[(int) key.elements()];
          columnsAsStored(found.get(stem).matrix(theirs))
              .decode(Integer.parseInt(k.group(2)), Integer.parseInt(k.group(3)), ours);
          float[] want = new float[ours.length];
          Floats.widen(key.dtype(), expected.bytes(key.name()), 0, want, 0, want.length);
          for (int i = 0; i < want.length; i++) {
            float mine = peer ? BF16.round(ours[i]) : ours[i];
            // + 0 because some peers' tables have no -0; every other bit must agree.
            assertThat(Float.floatToIntBits(mine + 0f))
                .as("%s element %d: %s, want %s", key.name(), i, mine, want[i])
                .isEqualTo(Float.floatToIntBits(want[i] + 0f));
          }
          decoded++;
        }
      }
    }
    assertThat(decoded).isGreaterThanOrEqualTo(2);
  }

  /// The values recorded for ModelOpt's AWQ are those before the factors of the input.
  private static PackedMatrix columnsAsStored(PackedMatrix matrix) {
    return matrix instanceof ColumnScaled c ? c.matrix() : matrix;
  }
}
