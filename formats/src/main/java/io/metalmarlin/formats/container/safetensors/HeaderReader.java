package io.metalmarlin.formats.container.safetensors;

import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.container.MappedFile;
import io.metalmarlin.formats.container.safetensors.Header.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.CharBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/// Reads the header of one file and checks it as the reference reader does, in its order: length,
/// UTF-8, JSON, the chain of regions, the end of the file. Allocates no more than the header is
/// long, and the header is known to lie in the file by then.
final class HeaderReader {
  /// How a shared mapped file reads our headers.
  static final MappedFile.Kind<Header> KIND =
      new MappedFile.Kind<>() {
        @Override
        public Header read(Path file, FileChannel channel, long size) throws IOException {
          return HeaderReader.read(file, channel, size);
        }

        @Override
        public MarlinException changed(Path file, String expected, String actual) {
          return new SafetensorsException(Fault.CHANGED, file, null, 0, expected, actual);
        }
      };

  /// The reference's limit on the header length.
  static final int MAX_HEADER = 100_000_000;

  private static final int LENGTH_BYTES = 8;

  private final Path file;
  private final FileChannel channel;
  private final long fileSize;

  private HeaderReader(Path file, FileChannel channel, long fileSize) {
    this.file = file;
    this.channel = channel;
    this.fileSize = fileSize;
  }

  /// @param fileSize the size of the file in bytes
  /// @throws SafetensorsException for a file that the reference reader would refuse
  static Header read(Path file, FileChannel channel, long fileSize) throws IOException {
    return new HeaderReader(file, channel, fileSize).read();
  }

  private Header read() throws IOException {
    if (fileSize < LENGTH_BYTES) {
      throw fault(Fault.HEADER_TOO_SMALL, null, 0, "8 bytes", fileSize + " bytes");
    }
    long length = bytes(0, LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    if (length < 0 || length > MAX_HEADER) {
      throw fault(
          Fault.HEADER_TOO_LARGE,
          null,
          0,
          "at most " + grouped(MAX_HEADER),
          Long.toUnsignedString(length));
    }
    long dataStart = LENGTH_BYTES + length;
    if (dataStart > fileSize) {
      throw fault(
          Fault.INVALID_HEADER_LENGTH,
          null,
          0,
          grouped(dataStart) + " bytes for length and header",
          "a file of " + grouped(fileSize));
    }
    ByteBuffer json = bytes(LENGTH_BYTES, (int) length);
    checkUtf8(json.duplicate());
    HeaderParser.Parsed parsed = new HeaderParser(file, json.array()).parse();
    List<Entry> chain =
        parsed.entries().values().stream()
            .sorted(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end))
            .toList();
    checkChain(chain, dataStart);
    return new Header(dataStart, chain, parsed.metadata());
  }

  private void checkChain(List<Entry> chain, long dataStart) {
    long previous = 0;
    for (Entry e : chain) {
      String name = e.info().name();
      long at = at(dataStart, e.begin(), name);
      if (e.begin() != previous) {
        throw fault(
            e.begin() > previous ? Fault.HOLE : Fault.OVERLAP,
            name,
            at,
            "data_offsets from " + previous,
            "from " + e.begin());
      }
      if (e.end() < e.begin()) {
        throw fault(
            Fault.INVALID_OFFSETS,
            name,
            at,
            "an end of at least " + e.begin(),
            Long.toString(e.end()));
      }
      long bytes = byteSize(e, at);
      if (bytes != e.end() - e.begin()) {
        throw fault(
            Fault.INVALID_INFO,
            name,
            at,
            bytes + " bytes for " + e.info().dtype() + " " + e.info().shape(),
            e.end() - e.begin() + " bytes");
      }
      at(dataStart, e.end(), name);
      previous = e.end();
    }
    long available = fileSize - dataStart;
    if (previous > available) {
      Entry cut = chain.stream().filter(e -> e.end() > available).findFirst().orElseThrow();
      throw fault(
          Fault.TRUNCATED,
          cut.info().name(),
          fileSize,
          grouped(dataStart + cut.end()),
          grouped(fileSize));
    }
    if (previous < available) {
      throw fault(
          Fault.METADATA_INCOMPLETE,
          null,
          dataStart + previous,
          "the end of the file",
          grouped(available - previous) + " more bytes");
    }
  }

  private long byteSize(Entry e, long at) {
    long bits;
    try {
      bits = Math.multiplyExact(e.info().elements(), (long) e.info().dtype().bits());
    } catch (ArithmeticException overflow) {
      throw new SafetensorsException(
          Fault.SIZE_OVERFLOW,
          file,
          e.info().name(),
          at,
          "a size below 2^63 bits",
          e.info().dtype() + " " + e.info().shape(),
          overflow);
    }
    if (bits % 8 != 0) {
      throw fault(
          Fault.MISALIGNED_SLICE,
          e.info().name(),
          at,
          "a multiple of 8 bits",
          bits + " bits for " + e.info().dtype() + " " + e.info().shape());
    }
    return bits / 8;
  }

  private long at(long dataStart, long offset, String name) {
    if (offset > Long.MAX_VALUE - dataStart) {
      throw fault(
          Fault.SIZE_OVERFLOW, name, dataStart, "an offset below 2^63", Long.toString(offset));
    }
    return dataStart + offset;
  }

  private void checkUtf8(ByteBuffer header) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    CharBuffer scratch = CharBuffer.allocate(8192);
    CoderResult result;
    do {
      result = decoder.decode(header, scratch.clear(), true);
    } while (result.isOverflow());
    if (result.isError()) {
      int bad = header.get(header.position()) & 0xff;
      throw fault(
          Fault.INVALID_UTF8,
          null,
          LENGTH_BYTES + header.position(),
          "UTF-8",
          String.format("byte 0x%02x", bad));
    }
  }

  private ByteBuffer bytes(long position, int count) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(count);
    while (buffer.hasRemaining()) {
      if (channel.read(buffer, position + buffer.position()) < 0) {
        throw fault(
            Fault.CHANGED,
            null,
            position + buffer.position(),
            grouped(fileSize) + " bytes",
            grouped(channel.size()));
      }
    }
    return buffer.flip();
  }

  private SafetensorsException fault(
      Fault fault,
      @org.jspecify.annotations.Nullable String tensor,
      long at,
      String expected,
      String actual) {
    return new SafetensorsException(fault, file, tensor, at, expected, actual);
  }

  private static String grouped(long n) {
    return String.format(Locale.ROOT, "%,d", n);
  }
}
