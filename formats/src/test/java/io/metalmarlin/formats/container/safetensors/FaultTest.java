package io.metalmarlin.formats.container.safetensors;

import static io.metalmarlin.formats.container.safetensors.RawFile.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.metalmarlin.formats.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// One test per way in which a file can lie.
class FaultTest {
  private static final String A = entry("a", "U8", "[1]", 0, 1);

  @TempDir Path folder;

  private SafetensorsException refused(byte[] content) {
    SafetensorsException e =
        catchThrowableOfType(
            SafetensorsException.class,
            () -> Safetensors.INSTANCE.open(RawFile.write(folder, content)).close());
    assertThat(e).as("the file should be refused").isNotNull();
    assertThat(e.file()).isEqualTo(folder.resolve("x.safetensors"));
    assertThat(e.where()).contains("x.safetensors");
    assertThat(e.code().exitCode()).isEqualTo(5);
    assertThat(e.hint()).isNotBlank();
    assertThat(e.expected()).isNotBlank();
    assertThat(e.actual()).isNotBlank();
    return e;
  }

  private SafetensorsException refused(String header, int dataBytes) {
    return refused(RawFile.of(header, dataBytes));
  }

  @Test
  void HEADER_TOO_SMALL() {
    SafetensorsException e = refused(new byte[7]);
    assertThat(e.fault()).isEqualTo(Fault.HEADER_TOO_SMALL);
    assertThat(e.code()).isEqualTo(ErrorCode.FILE_TRUNCATED);
    assertThat(refused(new byte[0]).fault()).isEqualTo(Fault.HEADER_TOO_SMALL);
  }

  @Test
  void HEADER_TOO_LARGE() {
    assertThat(refused(RawFile.withLength(100_000_001, new byte[4], 0)).fault())
        .isEqualTo(Fault.HEADER_TOO_LARGE);
    SafetensorsException e = refused(RawFile.withLength(-1, new byte[4], 0));
    assertThat(e.fault()).isEqualTo(Fault.HEADER_TOO_LARGE);
    assertThat(e.actual()).isEqualTo("18446744073709551615");
    byte[] pointer =
        "version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.US_ASCII);
    assertThat(refused(pointer).hint()).contains("Git LFS");
  }

  @Test
  void INVALID_HEADER_LENGTH() {
    SafetensorsException e = refused(RawFile.withLength(100_000_000, "{}".getBytes(), 0));
    assertThat(e.fault()).isEqualTo(Fault.INVALID_HEADER_LENGTH);
    assertThat(e.code()).isEqualTo(ErrorCode.FILE_TRUNCATED);
  }

  @Test
  void INVALID_UTF8() {
    byte[] header = ("{" + A.replace("\"a\"", "\"@\"") + "}").getBytes(StandardCharsets.US_ASCII);
    for (int bad : new int[] {0xff, 0xc0, 0x80, 0xed, 0xf8}) {
      header[2] = (byte) bad;
      SafetensorsException e = refused(RawFile.of(header, 1));
      assertThat(e.fault()).isEqualTo(Fault.INVALID_UTF8);
      assertThat(e.offset()).isEqualTo(10);
    }
    byte[] cut = {'{', (byte) 0xe4};
    assertThat(refused(RawFile.of(cut, 0)).fault()).isEqualTo(Fault.INVALID_UTF8);
  }

  @TestFactory
  Stream<DynamicTest> INVALID_JSON() {
    return Stream.of(
            "",
            "  ",
            "[]",
            "null",
            "\"a\"",
            "{" + A,
            "{" + A + ",}",
            "{" + A + "}}",
            "{" + A + "}\0\0",
            "{" + A + "} x",
            "{" + A + "}{}",
            "\ufeff{" + A + "}",
            "{'a':1}",
            "{" + A + "/**/}",
            "{\"\\ud800\":{}}",
            "{\"a\":{\"x\":\"\\udc00\\ud800\"}}",
            "{\"a\":{\"x\":1e999}}",
            "{\"a\":{\"x\":01}}",
            "{\"a\":{\"x\":NaN}}",
            "{\"a\":{\"x\":+1}}",
            "{\"a\nb\":{}}",
            "\0{\0}\0",
            AcceptedTest.nested(126),
            "[".repeat(100_000))
        .map(h ->
            DynamicTest.dynamicTest(
                "header " + (h.length() > 60 ? h.substring(0, 60) : h),
                () -> assertThat(refused(h, 1).fault()).isEqualTo(Fault.INVALID_JSON)));
  }

  @Test
  void DUPLICATE_METADATA() {
    assertThat(refused("{\"__metadata__\":{},\"__metadata__\":{}}", 0).fault())
        .isEqualTo(Fault.DUPLICATE_METADATA);
    assertThat(refused("{\"__metadata__\":null,\"__metadata__\":null}", 0).fault())
        .isEqualTo(Fault.DUPLICATE_METADATA);
  }

  @Test
  void INVALID_METADATA() {
    for (String m : new String[] {"{\"k\":1}", "{\"k\":null}", "{\"k\":{}}", "[]", "\"x\"", "7"}) {
      assertThat(refused("{\"__metadata__\":" + m + "}", 0).fault())
          .as(m)
          .isEqualTo(Fault.INVALID_METADATA);
    }
  }

  @TestFactory
  Stream<DynamicTest> INVALID_ENTRY() {
    return Stream.of(
            "5",
            "null",
            "[\"U8\",[1],[0,1]]",
            "{}",
            "{\"dtype\":\"U8\",\"shape\":[1]}",
            "{\"dtype\":\"U8\",\"data_offsets\":[0,1]}",
            "{\"shape\":[1],\"data_offsets\":[0,1]}",
            "{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}",
            "{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,1]}",
            "{\"dtype\":\"U8\",\"shape\":1,\"data_offsets\":[0,1]}",
            "{\"dtype\":\"U8\",\"shape\":[1.0],\"data_offsets\":[0,1]}",
            "{\"dtype\":\"U8\",\"shape\":[1e0],\"data_offsets\":[0,1]}",
            "{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,1]}",
            "{\"dtype\":\"U8\",\"shape\":[-0],\"data_offsets\":[0,1]}",
            "{\"dtype\":\"U8\",\"shape\":[\"1\"],\"data_offsets\":[0,1]}",
            "{\"dtype\":\"U8\",\"shape\":[null],\"data_offsets\":[0,1]}",
            "{\"dtype\":\"U8\",\"shape\":null,\"data_offsets\":[0,1]}",
            "{\"dtype\":\"U8\",\"shape\":[[1]],\"data_offsets\":[0,1]}",
            "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}",
            "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,1]}",
            "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[-1,0]}")
        .map(value ->
            DynamicTest.dynamicTest(
                value,
                () -> {
                  SafetensorsException e = refused("{\"a\":" + value + "}", 1);
                  assertThat(e.fault()).isEqualTo(Fault.INVALID_ENTRY);
                  assertThat(e.subject()).isEqualTo("a");
                }));
  }

  @Test
  void UNKNOWN_DTYPE() {
    for (String dtype : new String[] {"f32", "F33", "", "F8_E4M3FN", "u8"}) {
      assertThat(refused("{" + entry("a", dtype, "[1]", 0, 1) + "}", 1).fault())
          .isEqualTo(Fault.UNKNOWN_DTYPE);
    }
  }

  @Test
  void INVALID_OFFSETS() {
    String header = "{" + entry("a", "U8", "[4]", 0, 4) + "," + entry("b", "U8", "[1]", 4, 3) + "}";
    SafetensorsException e = refused(header, 4);
    assertThat(e.fault()).isEqualTo(Fault.INVALID_OFFSETS);
    assertThat(e.subject()).isEqualTo("b");
  }

  @Test
  void HOLE() {
    String header = "{" + A + "," + entry("b", "U8", "[1]", 2, 3) + "}";
    SafetensorsException e = refused(header, 3);
    assertThat(e.fault()).isEqualTo(Fault.HOLE);
    assertThat(e.subject()).isEqualTo("b");
    assertThat(e.offset()).isEqualTo(8 + header.length() + 2);
    assertThat(refused("{" + entry("a", "U8", "[1]", 1, 2) + "}", 2).fault()).isEqualTo(Fault.HOLE);
  }

  @Test
  void OVERLAP() {
    String header = "{" + entry("a", "U8", "[2]", 0, 2) + "," + entry("b", "U8", "[2]", 1, 3) + "}";
    assertThat(refused(header, 3).fault()).isEqualTo(Fault.OVERLAP);
    String alias = "{" + entry("a", "U8", "[2]", 0, 2) + "," + entry("b", "U8", "[2]", 0, 2) + "}";
    assertThat(refused(alias, 2).fault()).isEqualTo(Fault.OVERLAP);
  }

  @Test
  void MISALIGNED_SLICE() {
    assertThat(refused("{" + entry("a", "F4", "[3]", 0, 2) + "}", 2).fault())
        .isEqualTo(Fault.MISALIGNED_SLICE);
    assertThat(refused("{" + entry("a", "F6_E3M2", "[2]", 0, 2) + "}", 2).fault())
        .isEqualTo(Fault.MISALIGNED_SLICE);
  }

  @Test
  void SIZE_OVERFLOW() {
    for (String shape :
        new String[] {
          "[4294967296,4294967296]",
          "[9223372036854775807,2]",
          "[1152921504606846976,8]",
          "[9223372036854775808]",
          "[18446744073709551616]",
          "[99999999999999999999999999999999999999]"
        }) {
      assertThat(refused("{" + entry("a", "F32", shape, 0, 4) + "}", 4).fault())
          .as(shape)
          .isEqualTo(Fault.SIZE_OVERFLOW);
    }
    String end =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,18446744073709551615]}}";
    assertThat(refused(end, 1).fault()).isEqualTo(Fault.SIZE_OVERFLOW);
    String sum = "{" + entry("a", "U8", "[1152921504606846975]", 0, 1152921504606846975L) + "}";
    assertThat(refused(sum, 1).fault()).isEqualTo(Fault.TRUNCATED);
  }

  @Test
  void INVALID_INFO() {
    SafetensorsException e = refused("{" + entry("a", "F32", "[2]", 0, 4) + "}", 4);
    assertThat(e.fault()).isEqualTo(Fault.INVALID_INFO);
    assertThat(e.expected()).contains("8 bytes");
    assertThat(e.actual()).contains("4 bytes");
  }

  @Test
  void TRUNCATED() {
    String header = "{" + A + "," + entry("x", "F32", "[1000000]", 1, 4_000_001) + "}";
    SafetensorsException e = refused(header, 1_000);
    assertThat(e.fault()).isEqualTo(Fault.TRUNCATED);
    assertThat(e.code()).isEqualTo(ErrorCode.FILE_TRUNCATED);
    assertThat(e.subject()).isEqualTo("x");
    assertThat(e.getMessage())
        .isEqualTo(
            String.format(
                Locale.ROOT,
                "tensor \"x\" ends at byte %,d, the file has %,d: incomplete download",
                8 + header.length() + 4_000_001,
                8 + header.length() + 1_000));
    assertThat(e.hint()).isEqualTo("Fetch it again.");
  }

  @Test
  void METADATA_INCOMPLETE() {
    SafetensorsException e = refused("{" + A + "}", 3);
    assertThat(e.fault()).isEqualTo(Fault.METADATA_INCOMPLETE);
    assertThat(e.code()).isEqualTo(ErrorCode.HEADER_MALFORMED);
    assertThat(refused("{}", 1).fault()).isEqualTo(Fault.METADATA_INCOMPLETE);
  }

  @Test
  void a_hostile_name_stays_one_short_line() {
    String name = "\\u001b[31m\\n" + "x".repeat(1000);
    SafetensorsException e = refused("{" + entry(name, "F32", "[2]", 0, 4) + "}", 4);
    assertThat(e.getMessage()).doesNotContain("\n").doesNotContain("\u001b").hasSizeLessThan(400);
  }
}
