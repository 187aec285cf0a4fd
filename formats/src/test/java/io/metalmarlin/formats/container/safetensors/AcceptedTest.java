package io.metalmarlin.formats.container.safetensors;

import static io.metalmarlin.formats.container.safetensors.RawFile.entry;
import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.container.Checkpoint;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.formats.tensor.TensorInfo;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that the reference reader takes although they are not what its writer makes.
class AcceptedTest {
  @TempDir Path folder;

  private Checkpoint open(String header, int dataBytes) {
    return Safetensors.INSTANCE.open(RawFile.write(folder, RawFile.of(header, dataBytes)));
  }

  private List<String> names(String header, int dataBytes) {
    try (Checkpoint c = open(header, dataBytes)) {
      return new ArrayList<>(c.tensors().keySet());
    }
  }

  @Test
  void blanks_before_the_brace_and_white_space_after_it() {
    assertThat(names("   {" + entry("a", "U8", "[1]", 0, 1) + "} \t\n\r ", 1)).containsExactly("a");
  }

  @Test
  void a_header_length_that_is_no_multiple_of_eight() {
    String header = "{" + entry("a", "U8", "[1]", 0, 1) + "}";
    assertThat(header.length() % 8).isNotZero();
    assertThat(names(header, 1)).containsExactly("a");
  }

  @Test
  void entries_in_any_order_come_out_in_data_order() {
    String header = "{" + entry("z", "U8", "[1]", 2, 3) + "," + entry("a", "U8", "[2]", 0, 2) + "}";
    assertThat(names(header, 3)).containsExactly("a", "z");
  }

  @Test
  void metadata_last_or_null() {
    try (Checkpoint c =
        open(
            "{" + entry("a", "U8", "[1]", 0, 1) + ",\"__metadata__\":{\"k\":\"v\",\"k\":\"w\"}}",
            1)) {
      assertThat(c.metadata()).isEqualTo(Map.of("k", "w"));
    }
    try (Checkpoint c = open("{\"__metadata__\":null}", 0)) {
      assertThat(c.metadata()).isEmpty();
    }
  }

  @Test
  void unknown_fields_of_an_entry() {
    String header =
        "{\"a\":{\"x\":{\"y\":[1,-2.5e3,null,true,\"s\"]},\"dtype\":\"U8\",\"shape\":[1],"
            + "\"data_offsets\":[0,1],\"z\":123456789012345678901234567890}}";
    assertThat(names(header, 1)).containsExactly("a");
  }

  @Test
  void empty_tensors_anywhere_on_the_chain() {
    String header =
        "{"
            + entry("a", "F32", "[0,3]", 0, 0)
            + ","
            + entry("b", "U8", "[2]", 0, 2)
            + ","
            + entry("c", "I64", "[5,0]", 2, 2)
            + "}";
    assertThat(names(header, 2)).containsExactly("a", "b", "c");
  }

  @Test
  void scalars_and_no_tensors_at_all() {
    try (Checkpoint c = open("{" + entry("s", "F32", "[]", 0, 4) + "}", 4)) {
      assertThat(c.tensors().get("s")).isEqualTo(TensorInfo.of("s", DType.F32));
      assertThat(c.bytes("s").byteSize()).isEqualTo(4);
    }
    assertThat(names("{}", 0)).isEmpty();
  }

  @Test
  void an_F32_at_an_odd_byte_and_BOOL_bytes_other_than_0_and_1() {
    String header =
        "{" + entry("b", "BOOL", "[3]", 0, 3) + "," + entry("f", "F32", "[1]", 3, 7) + "}";
    try (Checkpoint c = open(header, 7)) {
      assertThat(c.bytes("f").toArray(ValueLayout.JAVA_BYTE)).containsExactly(3, 4, 5, 6);
      assertThat(c.bytes("b").toArray(ValueLayout.JAVA_BYTE)).containsExactly(0, 1, 2);
    }
  }

  @Test
  void a_duplicate_key_of_which_the_last_counts() {
    String header =
        "{" + entry("a", "U8", "[4]", 0, 4) + "," + entry("a", "F32", "[1]", 0, 4) + "}";
    try (Checkpoint c = open(header, 4)) {
      assertThat(c.tensors().get("a").dtype()).isEqualTo(DType.F32);
    }
  }

  @Test
  void escaped_and_unescaped_names_of_any_plane() {
    String header = "{" + entry("\\u00e4\\ud83d\\ude00\u4e2d\ud83d\ude00", "U8", "[1]", 0, 1) + "}";
    assertThat(names(header, 1)).containsExactly("\u00e4\ud83d\ude00\u4e2d\ud83d\ude00");
  }

  @Test
  void all_22_dtypes_with_whole_bytes() {
    StringBuilder header = new StringBuilder("{");
    int at = 0;
    for (DType t : DType.SAFETENSORS) {
      int bytes = 4 * t.bits() / 8;
      header.append(at == 0 ? "" : ",").append(entry("t." + t, t.name(), "[4]", at, at + bytes));
      at += bytes;
    }
    try (Checkpoint c = open(header.append('}').toString(), at)) {
      assertThat(c.tensors()).hasSize(22);
      assertThat(c.tensors().values().stream().map(TensorInfo::dtype))
          .containsExactlyElementsOf(DType.SAFETENSORS);
      assertThat(c.bytes("t.F4").byteSize()).isEqualTo(2);
      assertThat(c.bytes("t.F6_E2M3").byteSize()).isEqualTo(3);
      assertThat(c.bytes("t.C64").byteSize()).isEqualTo(32);
    }
  }

  @Test
  void nesting_as_deep_as_the_reference_goes() {
    assertThat(names(nested(125), 1)).containsExactly("a");
  }

  /// An unknown field holding `depth` arrays in each other; two objects are around it.
  static String nested(int depth) {
    return "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1],\"x\":"
        + "[".repeat(depth)
        + "]".repeat(depth)
        + "}}";
  }
}
