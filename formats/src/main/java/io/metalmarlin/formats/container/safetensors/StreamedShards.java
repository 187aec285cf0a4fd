package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.formats.container.MappedFile;
import io.metalmarlin.formats.container.Printable;
import io.metalmarlin.formats.container.ShardSupply;
import io.metalmarlin.formats.container.safetensors.Header.Entry;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/// The shards of an index, all headers known, each shard fetched when its first tensor is asked for
/// and given back by [#keepOnly]. A segment dies with its shard.
public final class StreamedShards implements Checkpoint {
  private record Located(String shard, Header header, Entry entry) {}

  private record Mapped(MappedFile<Header> file, Arena arena) {}

  private final ShardSupply supply;
  private final TreeSet<String> shards;
  private final Map<String, Located> located = new HashMap<>();
  private final SequencedMap<String, TensorInfo> tensors = new LinkedHashMap<>();
  private final Map<String, String> metadata = new TreeMap<>();
  private final Map<String, Mapped> mapped = new HashMap<>();

  /// Reads the index and every header.
  ///
  /// @param supply closed with the checkpoint
  /// @throws MarlinException as a checkpoint in a folder does
  public StreamedShards(ShardSupply supply) {
    this.supply = supply;
    Path index = supply.folder().resolve(ShardIndex.FILE_NAME);
    SortedMap<String, String> map = ShardIndex.read(index).weightMap();
    this.shards = new TreeSet<>(map.values());
    for (String shard : shards) {
      Header header = header(shard);
      for (Entry e : header.entries()) {
        String name = e.info().name();
        if (!shard.equals(map.get(name))) {
          throw ShardIndex.malformed(
              index, shard + " holds tensor \"" + Printable.of(name) + "\" against the index");
        }
        tensors.put(name, e.info());
        located.put(name, new Located(shard, header, e));
      }
      header.metadata().forEach(metadata::putIfAbsent);
    }
    if (tensors.size() != map.size()) {
      throw ShardIndex.malformed(index, "names tensors that no shard holds");
    }
  }

  private Header header(String shard) {
    Path file = supply.folder().resolve(shard);
    try (FileChannel channel = FileChannel.open(supply.head(shard))) {
      return HeaderReader.read(file, channel, supply.digest(shard).bytes());
    } catch (IOException e) {
      throw new MarlinException(
          ErrorCode.FILE_UNREADABLE,
          file.toString(),
          "cannot be read: " + e.getMessage(),
          "Check the file and its permissions.",
          e);
    }
  }

  @Override
  public SequencedMap<String, TensorInfo> tensors() {
    return Collections.unmodifiableSequencedMap(tensors);
  }

  @Override
  public synchronized MemorySegment bytes(String name) {
    Located at = locate(name);
    Mapped m =
        mapped.computeIfAbsent(
            at.shard,
            s -> new Mapped(MappedFile.open(supply.fetch(s), HeaderReader.KIND), Arena.ofShared()));
    return m.file.region(
        at.header.dataStart() + at.entry.begin(), at.entry.end() - at.entry.begin(), m.arena);
  }

  /// Gives every shard back that holds none of these tensors. Nobody may still read from it.
  @Override
  public synchronized void keepOnly(Set<String> needed) {
    Set<String> kept =
        needed.stream().map(n -> locate(n).shard).collect(Collectors.toUnmodifiableSet());
    for (String shard : List.copyOf(mapped.keySet())) {
      if (!kept.contains(shard)) {
        mapped.remove(shard).arena.close();
        supply.release(shard);
      }
    }
  }

  @Override
  public Optional<FileDigest> digest(Path file) {
    return Optional.of(supply.digest(file.getFileName().toString()));
  }

  @Override
  public Path file(String name) {
    return supply.folder().resolve(locate(name).shard);
  }

  @Override
  public List<Path> files() {
    return shards.stream().map(s -> supply.folder().resolve(s)).toList();
  }

  @Override
  public Map<String, String> metadata() {
    return Collections.unmodifiableMap(metadata);
  }

  @Override
  public synchronized void close() {
    mapped.values().forEach(m -> m.arena.close());
    mapped.clear();
    supply.close();
  }

  private Located locate(String name) {
    Located at = located.get(name);
    if (at == null) {
      throw new MarlinException(
          ErrorCode.TENSOR_MISSING,
          supply.folder().toString(),
          "has no tensor \"" + name + "\" among its " + tensors.size(),
          "Check that config.json and the weights belong to the same model.");
    }
    return at;
  }
}
