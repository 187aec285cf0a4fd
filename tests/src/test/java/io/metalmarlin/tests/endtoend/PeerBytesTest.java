package io.metalmarlin.tests.endtoend;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.testing.Shared;
import io.metalmarlin.tests.support.Cli;
import io.metalmarlin.tests.support.RawCheckpoint;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `--method rtn --scales absmax` writes the bytes that the peers write.
class PeerBytesTest {
  @TempDir Path work;

  @Test
  void compressed_tensors_bytes_equal_llm_compressors() throws IOException {
    assertSameTensors("vllm", Shared.path("packs", "ct", "NVFP4A16-2l"));
  }

  @Test
  void model_opt_bytes_equal_model_opts() throws IOException {
    assertSameTensors("trtllm", Shared.path("packs", "modelopt", "NVFP4"));
  }

  private void assertSameTensors(String target, Path pack) throws IOException {
    Path out = work.resolve("out");
    Cli.run(
            Models.quantize(
                Models.twoBlocks(),
                out,
                "--target",
                target,
                "--method",
                "rtn",
                "--scales",
                "absmax"))
        .ok();
    var ours = RawCheckpoint.of(out).tensors();
    var theirs = RawCheckpoint.file(pack.resolve("model.safetensors")).tensors();
    // Static activation scales come from calibration data and are not part of a weight-only pack.
    theirs.keySet().removeIf(n -> n.endsWith(".input_scale") || n.endsWith(".input_global_scale"));
    assertThat(ours.keySet()).isEqualTo(theirs.keySet());
    theirs.forEach((name, tensor) -> {
      assertThat(ours.get(name).dtype()).as(name).isEqualTo(tensor.dtype());
      assertThat(ours.get(name).shape()).as(name).isEqualTo(tensor.shape());
      assertThat(ours.get(name).data()).as(name).isEqualTo(tensor.data());
    });
  }
}
