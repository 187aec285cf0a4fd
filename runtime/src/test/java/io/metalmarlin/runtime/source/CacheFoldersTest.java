package io.metalmarlin.runtime.source;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CacheFoldersTest {
  private static final Path HOME = Path.of("home");

  @Test
  void marlinsFolderFollowsTheSystemsHabit() {
    Map<String, String> home = Map.of("HOME", "home");
    assertThat(CacheFolder.of(home, "Linux")).isEqualTo(HOME.resolve(".cache/marlin"));
    assertThat(CacheFolder.of(home, "Mac OS X")).isEqualTo(HOME.resolve("Library/Caches/marlin"));
    Map<String, String> xdg = Map.of("HOME", "home", "XDG_CACHE_HOME", "xdg");
    assertThat(CacheFolder.of(xdg, "Mac OS X")).isEqualTo(Path.of("xdg/marlin"));
  }

  @Test
  void theHuggingFaceCacheIsWhereItsLibraryLooks() {
    Map<String, String> all =
        Map.of("HF_HUB_CACHE", "hub", "HF_HOME", "hf", "XDG_CACHE_HOME", "xdg", "HOME", "home");
    assertThat(HuggingFaceCache.of(all).root()).isEqualTo(Path.of("hub"));
    Map<String, String> hfHome = Map.of("HF_HOME", "hf", "XDG_CACHE_HOME", "xdg", "HOME", "home");
    assertThat(HuggingFaceCache.of(hfHome).root()).isEqualTo(Path.of("hf/hub"));
    Map<String, String> xdg = Map.of("XDG_CACHE_HOME", "xdg", "HOME", "home");
    assertThat(HuggingFaceCache.of(xdg).root()).isEqualTo(Path.of("xdg/huggingface/hub"));
    Map<String, String> home = Map.of("XDG_CACHE_HOME", "", "HOME", "home");
    assertThat(HuggingFaceCache.of(home).root()).isEqualTo(HOME.resolve(".cache/huggingface/hub"));
  }
}
