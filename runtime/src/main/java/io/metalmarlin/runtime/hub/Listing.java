package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What the hub says about one revision of a repository.
///
/// @param commit 40 hexadecimal digits
/// @param paths of all files, in alphabetical order
/// @param known the files whose size and digest came with the list
record Listing(String commit, SequencedSet<String> paths, Map<String, HubFile> known) {
  private static final int MOST_BYTES = 64 << 20;

  /// Asks the hub; `GET /api/models/ORG/NAME/revision/REVISION?blobs=true`.
  ///
  /// @throws MarlinException as [HubErrors] says, `NETWORK_FAILED` for an answer that is no list
  static Listing fetch(
      HubClient client, HubSettings settings, RepositoryName name, Patience patience, Stop stop) {
    URI address =
        URI.create(
            "%s/api/models/%s/revision/%s?blobs=true"
                .formatted(settings.endpoint(), name.id(), encoded(name.revision())));
    Tries tries = new Tries(name.spec(), patience, stop);
    while (true) {
      try (Answer answer = client.send("GET", address, name, Map.of(), false)) {
        byte[] body = answer.body().readNBytes(MOST_BYTES);
        if (answer.status() != 200) {
          throw new TransientFailure(
              "the list of files has status " + answer.status(), Optional.empty());
        }
        OptionalLong length = answer.length();
        boolean early = length.isPresent() ? length.getAsLong() != body.length : endsEarly(body);
        if (early) {
          throw new IOException("the list of files ends early");
        }
        return parse(name, HubErrors.plain(address), body);
      } catch (IOException e) {
        tries.failed(e);
      }
    }
  }

  /// Whether an object is cut, which without a length nothing else tells.
  private static boolean endsEarly(byte[] body) {
    if (body.length == 0 || body[0] != '{') {
      return false;
    }
    try {
      JsonMapper.shared().readTree(body);
      return false;
    } catch (JacksonException e) {
      // Another try gives either a whole list or the same again, and then up.
      return true;
    }
  }

  /// Where a file of this commit is fetched.
  URI address(HubSettings settings, RepositoryName name, String path) {
    String encodedPath =
        Stream.of(path.split("/")).map(Listing::encoded).collect(Collectors.joining("/"));
    return URI.create(
        "%s/%s/resolve/%s/%s".formatted(settings.endpoint(), name.id(), commit, encodedPath));
  }

  static Listing parse(RepositoryName name, String address, byte[] body) {
    JsonNode root;
    try {
      root = JsonMapper.shared().readTree(body);
    } catch (JacksonException e) {
      throw malformed(address, "answers something that is not JSON");
    }
    String commit = root.path("sha").asString("");
    if (!RepositoryName.isCommit(commit)) {
      throw malformed(address, "names no commit of 40 hexadecimal digits for " + name.spec());
    }
    if (RepositoryName.isCommit(name.revision()) && !name.revision().equalsIgnoreCase(commit)) {
      throw malformed(address, "answers with commit " + commit + ", another was asked for");
    }
    TreeSet<String> paths = new TreeSet<>();
    SequencedMap<String, HubFile> known = new LinkedHashMap<>();
    for (JsonNode sibling : root.path("siblings")) {
      String path = sibling.path("rfilename").asString("");
      if (HubFile.leadsOut(path)) {
        throw malformed(address, "lists a file whose name leads out of the model's folder");
      }
      if (!HubFile.plainPath(path)) {
        // `runs/10:22/...`, `old\\model.bin`: nothing that a model is made of is called so.
        continue;
      }
      paths.add(path);
      JsonNode lfs = sibling.path("lfs");
      String etag = lfs.path("sha256").asString(sibling.path("blobId").asString(""));
      long size = lfs.path("size").asLong(sibling.path("size").asLong(-1));
      if (HubFile.plainEtag(etag) && size >= 0) {
        known.put(path, new HubFile(path, size, etag));
      }
    }
    return new Listing(commit, paths, known);
  }

  private static String encoded(String part) {
    return URLEncoder.encode(part, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static MarlinException malformed(String address, String what) {
    return new MarlinException(
        ErrorCode.NETWORK_FAILED, address, what, "Check HF_ENDPOINT; it must speak the hub's API.");
  }
}
