package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.OutputFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.BooleanSupplier;
import java.util.function.ToLongFunction;

/// Fetches the files of a model into the cache: first configuration, tokenizer and index, then the
/// weights; several files and ranges at once. A download that ended early goes on where it was.
public final class HubDownload {
  private final HubSettings settings;
  private final Patience patience;
  private final DownloadListener listener;
  private final BooleanSupplier cancelled;
  private final ToLongFunction<Path> freeSpace;

  /// @param cancelled asked often; true ends the download with [StoppedException]
  public HubDownload(
      HubSettings settings,
      Patience patience,
      DownloadListener listener,
      BooleanSupplier cancelled) {
    this(settings, patience, listener, cancelled, HubDownload::usable);
  }

  HubDownload(
      HubSettings settings,
      Patience patience,
      DownloadListener listener,
      BooleanSupplier cancelled,
      ToLongFunction<Path> freeSpace) {
    this.settings = settings;
    this.patience = patience;
    this.listener = listener;
    this.cancelled = cancelled;
    this.freeSpace = freeSpace;
  }

  /// Brings every needed file of `name` into the cache.
  ///
  /// @return the commit
  /// @throws MarlinException `NETWORK_FAILED`, `ACCESS_DENIED`, `REPOSITORY_MISSING`,
  ///   `DOWNLOAD_CORRUPT`, `REFUSED_FORMAT` for a repository of pickles, `NOT_ENOUGH_DISK` before
  ///   the first byte, `DISK_FULL`, `OUTPUT_UNWRITABLE`
  /// @throws StoppedException when the user stopped it
  public String fetch(RepositoryName name) {
    Transfer transfer = begin(name);
    try (HubClient client = transfer.client()) {
      Optional<Path> index = documents(transfer);
      if (index.isPresent()) {
        fetch(transfer, NeededFiles.weights(name, transfer.listing().paths(), index));
      }
      transfer.store().pointRef();
      return transfer.listing().commit();
    } catch (IOException e) {
      throw OutputFailure.of(settings.cache(), e);
    }
  }

  /// Brings everything but the shards into the cache. They come when they are asked for.
  ///
  /// @return to be closed; empty where the weights are not sharded, and are here now
  /// @throws MarlinException as [#fetch]
  public Optional<HubShards> shards(RepositoryName name) {
    Transfer transfer = begin(name);
    boolean kept = false;
    try {
      if (documents(transfer).isPresent()) {
        kept = true;
        return Optional.of(new HubShards(this, transfer));
      }
      transfer.store().pointRef();
      return Optional.empty();
    } catch (IOException e) {
      throw OutputFailure.of(settings.cache(), e);
    } finally {
      if (!kept) {
        transfer.client().close();
      }
    }
  }

  private Transfer begin(RepositoryName name) {
    Stop stop = new Stop(name.spec(), cancelled);
    HubClient client = new HubClient(settings, patience, stop);
    boolean kept = false;
    try {
      Listing listing = Listing.fetch(client, settings, name, patience, stop);
      CacheLayout layout = new CacheLayout(settings.cache(), name);
      CacheStore store = new CacheStore(layout, listing.commit(), settings.links());
      kept = true;
      return new Transfer(
          name,
          settings,
          patience,
          client,
          listing,
          store,
          stop,
          listener,
          new ConcurrentHashMap<>());
    } finally {
      if (!kept) {
        client.close();
      }
    }
  }

  /// Fetches all documents, and the weights as well unless they are shards of an index, which is
  /// returned then. A repository that cannot be used leaves no trace.
  private Optional<Path> documents(Transfer transfer) throws IOException {
    RepositoryName name = transfer.name();
    Listing listing = transfer.listing();
    Collection<String> documents = NeededFiles.documents(name, listing.paths());
    boolean sharded = documents.contains(NeededFiles.INDEX);
    Collection<String> weights =
        sharded ? List.of() : NeededFiles.weights(name, listing.paths(), Optional.empty());
    fetch(transfer, concat(documents, weights));
    return sharded
        ? Optional.of(transfer.store().layout().pointer(listing.commit(), NeededFiles.INDEX))
        : Optional.empty();
  }

  void fetch(Transfer transfer, Collection<String> paths) throws IOException {
    SequencedMap<String, List<String>> byEtag = new TreeMap<>();
    Map<String, HubFile> files = new HashMap<>();
    for (String path : paths) {
      if (transfer.store().complete(List.of(path))) {
        continue;
      }
      HubFile file = describe(transfer, path);
      files.put(file.etag(), file);
      byEtag.computeIfAbsent(file.etag(), e -> new ArrayList<>()).add(path);
    }
    if (files.isEmpty()) {
      return;
    }
    announce(transfer, files);
    transfer.store().tag();
    try (ExecutorService ranges = pool("range");
        ExecutorService blobs = pool("file")) {
      Parallel.run(
          blobs,
          transfer.stop(),
          byEtag.entrySet().stream()
              .<Runnable>map(e ->
                  () -> new BlobDownload(transfer, files.get(e.getKey())).run(e.getValue(), ranges))
              .toList());
    }
  }

  private void announce(Transfer transfer, Map<String, HubFile> files) throws IOException {
    long bytes = 0;
    long present = 0;
    for (HubFile file : files.values()) {
      CacheLayout layout = transfer.store().layout();
      long here =
          Files.exists(layout.blob(file.etag())) ? file.size() : RangeJournal.bytesOf(layout, file);
      transfer.present().put(file.etag(), here);
      bytes += file.size();
      present += here;
    }
    long free = freeSpace.applyAsLong(settings.cache());
    if (bytes - present > free) {
      throw new MarlinException(
          ErrorCode.NOT_ENOUGH_DISK,
          settings.cache().toString(),
          "%s needs %,d bytes more there, %,d are free"
              .formatted(transfer.name().spec(), bytes - present, free),
          "Free space, or set HF_HUB_CACHE to a folder on a larger disk.");
    }
    listener.started(
        transfer.name().spec(), transfer.listing().commit(), files.size(), bytes, present);
  }

  /// From the list, else from the headers of the file itself.
  static HubFile describe(Transfer transfer, String path) {
    HubFile known = transfer.listing().known().get(path);
    if (known != null) {
      return known;
    }
    Tries tries = new Tries(path, transfer.patience(), transfer.stop());
    while (true) {
      try (Answer answer =
          transfer
              .client()
              .send(
                  "HEAD",
                  transfer.listing().address(transfer.settings(), transfer.name(), path),
                  transfer.name(),
                  Map.of(),
                  true)) {
        Optional<String> etag = answer.etag().filter(HubFile::plainEtag);
        if (etag.isPresent() && answer.linkedSize().isPresent()) {
          return new HubFile(path, answer.linkedSize().getAsLong(), etag.get());
        }
        throw new MarlinException(
            ErrorCode.NETWORK_FAILED,
            transfer.name().spec() + "/" + path,
            "the server names neither a size nor a usable etag of this file",
            "Check HF_ENDPOINT; it must speak the hub's API.");
      } catch (IOException e) {
        tries.failed(e);
      }
    }
  }

  private ExecutorService pool(String name) {
    return Executors.newFixedThreadPool(
        patience.connections(),
        Thread.ofPlatform().daemon().name("marlin-download-" + name + "-", 0).factory());
  }

  private static List<String> concat(Collection<String> a, Collection<String> b) {
    List<String> all = new ArrayList<>(a);
    all.addAll(b);
    return all;
  }

  private static long usable(Path folder) {
    Path at = folder.toAbsolutePath();
    while (!Files.exists(at) && at.getParent() != null) {
      at = at.getParent();
    }
    try {
      return Files.getFileStore(at).getUsableSpace();
    } catch (IOException e) {
      throw OutputFailure.of(at, e);
    }
  }
}
