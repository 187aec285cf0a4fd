package io.metalmarlin.tests.input;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Ways to spoil a model folder; each makes sure that it really changed something.
final class Damages {
  private static final String FIRST_SHARD = "model-00001-of-00002.safetensors";

  private Damages() {}

  static void cut(Path file, int bytes) throws IOException {
    try (FileChannel f = FileChannel.open(file, StandardOpenOption.WRITE)) {
      f.truncate(f.size() - bytes);
    }
  }

  /// Overwrites the u64 in front of the header.
  static void headerLength(Path file, long length) throws IOException {
    try (FileChannel f = FileChannel.open(file, StandardOpenOption.WRITE)) {
      f.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, length), 0);
    }
  }

  /// Changes the header of the first shard without changing its length.
  static void header(Path model, UnaryOperator<String> change) throws IOException {
    Path file = model.resolve(FIRST_SHARD);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    byte[] header = new byte[Math.toIntExact(bytes.getLong())];
    bytes.get(header);
    String before = new String(header, StandardCharsets.UTF_8);
    String after = change.apply(before);
    assertThat(after).isNotEqualTo(before).hasSameSizeAs(before);
    bytes.position(8).put(after.getBytes(StandardCharsets.UTF_8));
    Files.write(file, bytes.array());
  }

  static void replace(Path file, String old, String by) throws IOException {
    String text = Files.readString(file);
    assertThat(text).contains(old);
    Files.writeString(file, text.replace(old, by));
  }

  /// Replaces in every file, byte for byte; both texts must have one length.
  static void replaceEverywhere(Path model, String old, String by) throws IOException {
    try (Stream<Path> files = Files.list(model)) {
      for (Path f : files.toList()) {
        String text = Files.readString(f, StandardCharsets.ISO_8859_1);
        Files.writeString(f, text.replace(old, by), StandardCharsets.ISO_8859_1);
      }
    }
  }

  /// Writes a bfloat16 NaN into the middle of a tensor, in whichever shard it lies.
  static void poison(Path model, String tensor) throws IOException {
    try (Stream<Path> files = Files.list(model)) {
      for (Path f : files.filter(p -> p.toString().endsWith(".safetensors")).toList()) {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(f)).order(ByteOrder.LITTLE_ENDIAN);
        int header = Math.toIntExact(bytes.getLong());
        String text = new String(bytes.array(), 8, header, StandardCharsets.UTF_8);
        int at = text.indexOf("\"" + tensor + "\"");
        if (at >= 0) {
          int offsets = text.indexOf("data_offsets\":[", at) + "data_offsets\":[".length();
          int begin = Integer.parseInt(text.substring(offsets, text.indexOf(',', offsets)));
          bytes.putShort(8 + header + begin + 2000, (short) 0x7fc0);
          Files.write(f, bytes.array());
          return;
        }
      }
    }
    throw new AssertionError("no tensor " + tensor);
  }

  /// Only a pickle is left of the weights.
  static void pickled(Path model) throws IOException {
    try (Stream<Path> files = Files.list(model)) {
      for (Path f : files.filter(p -> p.getFileName().toString().startsWith("model")).toList()) {
        Files.delete(f);
      }
    }
    Files.write(model.resolve("pytorch_model.bin"), new byte[] {(byte) 0x80, 2, '.'});
  }

  /// Removes the files of a folder, if it is there.
  static void empty(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path f : files.toList()) {
          Files.delete(f);
        }
      }
    }
  }
}
