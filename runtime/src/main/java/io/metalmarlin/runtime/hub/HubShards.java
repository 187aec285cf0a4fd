package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.FileDigest;
import io.metalmarlin.formats.container.OutputFailure;
import io.metalmarlin.formats.container.ShardSupply;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The shards of a repository whose documents are in the cache: each is fetched into the cache when
/// it is asked for, and leaves it when it is given back.
public final class HubShards implements ShardSupply {
  private final HubDownload download;
  private final Transfer transfer;

  HubShards(HubDownload download, Transfer transfer) {
    this.download = download;
    this.transfer = transfer;
  }

  /// The commit of the snapshot.
  public String commit() {
    return transfer.listing().commit();
  }

  @Override
  public Path folder() {
    return pointer("config.json").getParent();
  }

  @Override
  public FileDigest digest(String shard) {
    HubFile file = HubDownload.describe(transfer, shard);
    if (!file.sha256()) {
      throw new MarlinException(
          ErrorCode.NETWORK_FAILED,
          transfer.name().spec() + "/" + shard,
          "the server lists no SHA-256 of this shard, by which a resumed run would know it again",
          "Leave --delete-source-shards out.");
    }
    return new FileDigest(file.size(), file.etag());
  }

  @Override
  public Path head(String shard) {
    if (Files.exists(pointer(shard))) {
      return pointer(shard);
    }
    return new BlobDownload(transfer.silent(), HubDownload.describe(transfer, shard)).head();
  }

  @Override
  public Path fetch(String shard) {
    try {
      download.fetch(transfer, List.of(shard));
      return pointer(shard);
    } catch (IOException e) {
      throw OutputFailure.of(pointer(shard), e);
    }
  }

  @Override
  public void release(String shard) {
    OwnShards.delete(transfer.settings().cache(), transfer.name(), List.of(pointer(shard)));
  }

  @Override
  public void close() {
    transfer.client().close();
  }

  private Path pointer(String shard) {
    return transfer.store().layout().pointer(commit(), shard);
  }
}
