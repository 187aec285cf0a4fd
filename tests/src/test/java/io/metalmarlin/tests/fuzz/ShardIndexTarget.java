package io.metalmarlin.tests.fuzz;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.Containers;
import java.util.List;

/// `model.safetensors.index.json` beside one sound shard.
record ShardIndexTarget() implements FuzzTarget {
  @Override
  public String name() {
    return "shard index";
  }

  @Override
  public void read(byte[] input) throws Exception {
    try (ScratchFile scratch = new ScratchFile()) {
      scratch.write("model-00001-of-00001.safetensors", SmallFiles.safetensors());
      scratch.write("model.safetensors.index.json", input);
      try (Checkpoint c = Containers.open(scratch.folder())) {
        c.tensors().keySet().forEach(c::bytes);
      }
    }
  }

  @Override
  public List<byte[]> seeds() {
    return Seeds.texts(
        "{\"metadata\":{\"total_size\":2},\"weight_map\":{\"a\":\"model-00001-of-00001.safetensors\"}}");
  }
}
