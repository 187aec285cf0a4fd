package io.metalmarlin.runtime.hub;

import io.metalmarlin.formats.container.OutputFailure;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Fetches one range of a file to its position, going on behind the last byte after each cut. What
/// came is put down in the journal however it ends.
final class PieceFetch implements Runnable {
  private static final int BUFFER = 1 << 18;
  private static final int OK = 200;
  private static final int PARTIAL = 206;
  private static final Pattern CONTENT_RANGE =
      Pattern.compile("bytes (\\d{1,18})-(\\d{1,18})/(\\d{1,18}|\\*)");

  private final BlobDownload blob;
  private final Ranges.Range range;
  private final FileChannel data;
  private final RangeJournal journal;
  private final boolean plain;
  private long at;

  /// @param plain ask for the whole file, because the server ignores ranges; `range` is all of it
  PieceFetch(
      BlobDownload blob,
      Ranges.Range range,
      FileChannel data,
      RangeJournal journal,
      boolean plain) {
    this.blob = blob;
    this.range = range;
    this.data = data;
    this.journal = journal;
    this.plain = plain;
    this.at = range.begin();
  }

  @Override
  public void run() {
    Tries tries = new Tries(blob.label(), blob.patience(), blob.stop());
    try {
      while (at < range.end()) {
        long before = at;
        try (Answer answer = blob.ask(headers())) {
          copy(answer.body(), check(answer));
        } catch (IOException e) {
          blob.forgetAddress();
          if (plain) {
            blob.count(-at);
            at = 0;
          } else if (at > before) {
            tries.progressed();
          }
          tries.failed(e);
        }
      }
    } finally {
      keep();
    }
  }

  private Map<String, String> headers() {
    boolean all = at == 0 && range.end() == blob.file().size();
    return plain || all ? Map.of() : Map.of("Range", "bytes=" + at + "-" + (range.end() - 1));
  }

  /// @return the end of what comes: servers may send less of a range than was asked for
  private long check(Answer answer) throws IOException {
    blob.checkIdentity(answer);
    boolean asked = !headers().isEmpty();
    long size = blob.file().size();
    if (answer.status() == OK) {
      OptionalLong length = answer.length();
      if (length.isPresent() && length.getAsLong() != size) {
        throw blob.corrupt(
            "has " + length.getAsLong() + " bytes on the server, its list says " + size);
      }
      if (asked) {
        throw new RangeIgnored();
      }
      return range.end();
    }
    if (answer.status() == PARTIAL && answer.encoded()) {
      throw new RangeIgnored();
    }
    if (answer.status() != PARTIAL || !asked) {
      throw blob.corrupt(
          "is refused in the range " + at + " to " + range.end() + " of " + size + " bytes");
    }
    Matcher m = CONTENT_RANGE.matcher(answer.headers().firstValue("Content-Range").orElse(""));
    if (!m.matches()
        || Long.parseLong(m.group(1)) != at
        || Long.parseLong(m.group(2)) < at
        || Long.parseLong(m.group(2)) >= range.end()
        || !m.group(3).equals("*") && Long.parseLong(m.group(3)) != size) {
      throw blob.corrupt(
          "was asked for bytes=%d-%d of %d, the server sent \"%s\""
              .formatted(
                  at,
                  range.end() - 1,
                  size,
                  answer.headers().firstValue("Content-Range").orElse("no Content-Range")));
    }
    return Long.parseLong(m.group(2)) + 1;
  }

  private void copy(InputStream body, long end) throws IOException {
    byte[] buffer = new byte[BUFFER];
    while (at < end) {
      int n = body.read(buffer);
      blob.stop().check();
      if (n < 0) {
        throw new IOException("the connection ended " + (end - at) + " bytes early");
      }
      if (n > end - at) {
        throw blob.corrupt("the server sends more bytes than it lists");
      }
      write(ByteBuffer.wrap(buffer, 0, n));
      at += n;
      blob.count(n);
    }
    if (body.read() >= 0) {
      throw blob.corrupt("the server sends more bytes than it lists");
    }
  }

  private void write(ByteBuffer bytes) {
    long position = at;
    try {
      while (bytes.hasRemaining()) {
        position += data.write(bytes, position);
      }
    } catch (IOException e) {
      throw OutputFailure.of(blob.incomplete(), e);
    }
  }

  private void keep() {
    if (plain && at < range.end()) {
      return;
    }
    try {
      data.force(false);
      journal.add(range.begin(), at);
    } catch (IOException e) {
      throw OutputFailure.of(blob.incomplete(), e);
    }
  }
}
