package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.testing.FakeHub;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A model on a hub of this machine, and an empty cache.
abstract class HubFixture {
  static final String WEIGHTS = "model.safetensors";
  static final Patience QUICK =
      new Patience(
          4,
          64 << 10,
          Duration.ofSeconds(20),
          4,
          Duration.ofMillis(10),
          Duration.ofMillis(50),
          Duration.ofSeconds(5));
  static final RepositoryName NAME = RepositoryName.parse("org/name").orElseThrow();

  @TempDir Path temp;
  final FakeHub hub = new FakeHub();
  final Map<String, String> variables = new HashMap<>();
  final AtomicLong counted = new AtomicLong();
  final List<String> events = new CopyOnWriteArrayList<>();
  Path cache;

  @BeforeEach
  void modelOnTheHub() {
    cache = temp.resolve("hub");
    variables.put("HF_ENDPOINT", hub.endpoint());
    variables.put("HF_HUB_CACHE", cache.toString());
    variables.put("HF_HOME", temp.resolve("home").toString());
    hub.files.put("config.json", text("{\"model_type\": \"x\"}"));
    hub.files.put("tokenizer.json", text("{}"));
    hub.files.put("modeling_x.py", text("raise SystemExit"));
    hub.files.put("pytorch_model.bin", text("pickle"));
    hub.files.put("original/consolidated.safetensors", text("no"));
    hub.files.put("consolidated.safetensors", text("no"));
    hub.files.put(WEIGHTS, random(500_000, 1));
  }

  @AfterEach
  void stop() {
    hub.close();
  }

  static byte[] text(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  static byte[] random(int size, long seed) {
    byte[] bytes = new byte[size];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }

  String fetch() {
    return fetch(NAME, QUICK, () -> false);
  }

  String fetch(RepositoryName name, Patience patience, BooleanSupplier cancelled) {
    return fetch(name, patience, cancelled, folder -> Long.MAX_VALUE);
  }

  String fetch(
      RepositoryName name,
      Patience patience,
      BooleanSupplier cancelled,
      ToLongFunction<Path> freeSpace) {
    return new HubDownload(
            HubSettings.of(variables), patience, new Recorder(), cancelled, freeSpace)
        .fetch(name);
  }

  MarlinException failure() {
    return failure(NAME, QUICK);
  }

  MarlinException failure(RepositoryName name, Patience patience) {
    return Assertions.catchThrowableOfType(
        MarlinException.class, () -> fetch(name, patience, () -> false));
  }

  Path repository() {
    return cache.resolve("models--org--name");
  }

  Path snapshot(String file) {
    return repository().resolve("snapshots").resolve(FakeHub.COMMIT).resolve(file);
  }

  Path blob(String file) {
    byte[] content = hub.files.get(file);
    String etag = file.endsWith(".safetensors") ? FakeHub.sha256(content) : FakeHub.gitId(content);
    return repository().resolve("blobs").resolve(etag);
  }

  private final class Recorder implements DownloadListener {
    @Override
    public void started(String spec, String commit, int files, long bytes, long present) {
      events.add("started %d files %d bytes %d present".formatted(files, bytes, present));
    }

    @Override
    public void bytes(long more) {
      counted.addAndGet(more);
    }

    @Override
    public void waiting(String file) {
      events.add("waiting " + file);
    }

    @Override
    public void unverified(String file) {
      events.add("unverified " + file);
    }
  }
}
