package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.backend.Backend;
import io.metalmarlin.runtime.backend.CacheUse;
import io.metalmarlin.runtime.backend.KvCache;
import io.metalmarlin.runtime.cache.CacheFormat;
import io.metalmarlin.runtime.model.ModelSpec;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The tokens whose keys and values a cache holds, so that the next prompt computes only what is
/// new.
final class History implements AutoCloseable {
  private final ModelSpec spec;
  private final Backend backend;
  private final int reserve;
  private final @Nullable CacheFormat format;
  private @Nullable KvCache cache;
  private int[] ids = new int[0];
  private int length;

  /// @param reserve positions to make room for at least
  /// @param format of keys and values; null for fp32
  History(ModelSpec spec, Backend backend, int reserve, @Nullable CacheFormat format) {
    this.spec = spec;
    this.backend = backend;
    this.reserve = reserve;
    this.format = format;
  }

  /// Makes room for so many positions and forgets what `prompt` does not begin with. At least the
  /// prompt's last token is forgotten: its logits are what comes next.
  ///
  /// @return tokens of the prompt that are held already
  int keep(int[] prompt, int positions) {
    KvCache c = cache;
    if (c == null || c.capacity() < positions) {
      return renew(c == null ? positions : Math.max(positions, 2 * c.capacity()));
    }
    int shared = Arrays.mismatch(ids, 0, length, prompt, 0, prompt.length);
    int kept = Math.min(shared < 0 ? length : shared, prompt.length - 1);
    if (!c.truncate(kept)) {
      return renew(c.capacity());
    }
    length = kept;
    return kept;
  }

  private int renew(int capacity) {
    close();
    cache = backend.cache(spec, Math.min(Math.max(capacity, reserve), spec.maxPositions()), format);
    return 0;
  }

  /// What the cache takes; empty before the first prompt.
  Optional<CacheUse> use() {
    return Optional.ofNullable(cache).map(CacheUse::of);
  }

  KvCache cache() {
    KvCache c = cache;
    if (c == null) {
      throw new IllegalStateException("keep() comes first");
    }
    return c;
  }

  /// Notes tokens that were just computed.
  void add(int... more) {
    if (ids.length < length + more.length) {
      ids = Arrays.copyOf(ids, Math.max(2 * ids.length, length + more.length));
    }
    System.arraycopy(more, 0, ids, length, more.length);
    length += more.length;
  }

  /// Which ids occur in a prompt.
  static BitSet occurring(int[] prompt) {
    BitSet seen = new BitSet();
    Arrays.stream(prompt).filter(id -> id >= 0).forEach(seen::set);
    return seen;
  }

  @Override
  public void close() {
    if (cache != null) {
      cache.close();
    }
    cache = null;
    length = 0;
  }
}
