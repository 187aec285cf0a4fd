package io.metalmarlin.formats.importance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImportanceFileTest {
  private static final String Q = "blk.0.attn_q.weight";
  private static final long[] ONE = {1, 1};

  @TempDir Path work;

  static Stream<Arguments> bad() {
    return Stream.of(
        dat("no entry", "would begin with 0 entries", raw().i32(0)),
        dat("a text file", "no importance matrix", raw().name("this is no matrix")),
        dat("absurd number of entries", "2147483647 entries", raw().i32(Integer.MAX_VALUE)),
        dat("empty name", "empty name", raw().i32(1).entry("", 1, 1, 2, 3)),
        dat("negative name length", "has -5 bytes", raw().i32(1, -5, 1, 1, 1, 1)),
        dat("name beyond the end", "has 999 bytes", raw().i32(1, 999, 1, 1, 1, 1)),
        dat("no call", "0 calls", raw().i32(1).entry(Q, 0, 1)),
        dat("negative calls", "-3 calls", raw().i32(1).entry(Q, -3, 1)),
        dat("no value", "0 values", raw().i32(1).name(Q).i32(1, 0, 0)),
        dat(
            "absurd number of values",
            "2147483647 values",
            raw().i32(1).name(Q).i32(1, 2147483647)),
        dat("one value short", "2 values of 4 bytes", raw().i32(1).name(Q).i32(1, 2).f32(1)),
        dat("NaN", "value 1 of 2 is NaN", raw().i32(1).entry(Q, 1, 1, Float.NaN)),
        dat("infinite", "is Infinity", raw().i32(1).entry(Q, 1, Float.POSITIVE_INFINITY)),
        dat("negative", "value 0 of 1 is -1.0", raw().i32(1).entry(Q, 1, -1)),
        dat("twice", "stands there twice", raw().i32(2).entry(Q, 1, 1).entry(Q, 1, 1)),
        dat("half a trailer", "the number of chunks", half(raw().i32(1).entry(Q, 1, 1).i32(1))),
        dat("dataset cut off", "has 9 bytes", raw().i32(1).entry(Q, 1, 1).i32(1, 9)),
        dat(
            "something behind",
            "4 bytes follow",
            raw().i32(1).entry(Q, 1, 1).i32(1).name("d").i32(0)),
        gguf("a model", "its general.type is \"model\"", "model", raw().tensor("a", ONE, 1)),
        gguf("no entry (gguf)", "holds no entry", raw().tensor("a", ONE, 1)),
        gguf("no counts", "has no tensor " + Q + ".counts", raw().tensor(Q + ".in_sum2", ONE, 1)),
        gguf("no sums", "has no tensor " + Q + ".in_sum2", raw().tensor(Q + ".counts", ONE, 1)),
        gguf(
            "odd counts",
            "3 sums do not divide among 2 counts",
            raw()
                .tensor(Q + ".in_sum2", new long[] {3}, 1, 2, 3)
                .tensor(Q + ".counts", new long[] {2}, 1, 1)),
        pair("negative sum", "value 1 of 2 is -2.0", 3, 1, -2),
        pair("NaN sum", "value 0 of 2 is NaN", 3, Float.NaN, 1),
        pair("NaN count", "count 0 of 1 is NaN", Float.NaN, 1, 1),
        pair("negative count", "count 0 of 1 is -1.0", -1, 1, 1),
        pair("infinite count", "count 0 of 1 is Infinity", Float.POSITIVE_INFINITY, 1, 1),
        pair("broken count", "count 0 of 1 is 0.5", .5f, 1, 1));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("bad")
  void refuses_a_file_that_lies(String what, String message, byte[] file) throws IOException {
    Path path = Files.write(work.resolve("imatrix"), file);
    assertThatThrownBy(() -> ImportanceFile.read(path))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.where()).contains(path.toString()))
        .hasMessageContaining(message);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void refuses_every_truncation(boolean gguf) throws IOException {
    byte[] whole = gguf ? sound() : raw().i32(1).entry(Q, 2, 2, 4).i32(7).name("calm.txt").bytes();
    int entries = gguf ? 0 : raw().i32(1).entry(Q, 2, 2, 4).bytes().length;
    for (int n = 0; n < whole.length; n++) {
      // Files of the first version end behind their entries or behind the number of chunks.
      if (gguf || n != entries && n != entries + 4) {
        Path path = Files.write(work.resolve("imatrix"), Arrays.copyOf(whole, n));
        assertThatThrownBy(() -> ImportanceFile.read(path))
            .as("%d of %d bytes", n, whole.length)
            .isInstanceOf(MarlinException.class);
      }
    }
  }

  @Test
  void refuses_what_is_no_file() {
    assertThatThrownBy(() -> ImportanceFile.read(work.resolve("none")))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_MISSING));
    assertThatThrownBy(() -> ImportanceFile.read(work))
        .isInstanceOfSatisfying(
            MarlinException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.FILE_UNREADABLE));
  }

  @Test
  void dat_values_are_divided_by_their_calls() throws IOException {
    byte[] file = raw().i32(2).entry(Q, 2, 2, 4).entry("b", 4, 1).i32(7).name("calm.txt").bytes();
    ImportanceFile read = ImportanceFile.read(Files.write(work.resolve("m.dat"), file));

    assertThat(read.entries().keySet()).containsExactly(Q, "b");
    assertThat(read.entries().get(Q).values()).containsExactly(1, 2);
    assertThat(read.entries().get("b").values()).containsExactly(.25f);
    assertThat(read.chunks()).isEqualTo(7);
    assertThat(read.datasets()).containsExactly("calm.txt");
    assertThat(read.sha256()).hasSize(64);
  }

  @Test
  void gguf_sums_are_divided_by_the_tokens_of_their_row_and_unseen_experts_count_one()
      throws IOException {
    ImportanceFile read = ImportanceFile.read(Files.write(work.resolve("m.gguf"), sound()));

    Importance experts = read.entries().get("blk.0.ffn_up_exps.weight");
    assertThat(experts.values()).containsExactly(1, 2, 1, 1, .5f, 0);
    assertThat(experts.unseen()).isEqualTo(1);
    assertThat(read.entries().get(Q).values()).containsExactly(3, 5);
    assertThat(read.entries().get(Q).unseen()).isZero();
    assertThat(read.chunks()).isEqualTo(7);
    assertThat(read.datasets()).containsExactly("calm.txt");
  }

  private static byte[] sound() {
    return raw()
        .tensor("blk.0.ffn_up_exps.weight.in_sum2", new long[] {2, 3}, 2, 4, 9, 9, 2, 0)
        .tensor("blk.0.ffn_up_exps.weight.counts", new long[] {1, 3}, 2, 0, 4)
        .tensor(Q + ".in_sum2", new long[] {2, 1}, 6, 10)
        .tensor(Q + ".counts", ONE, 2)
        .tensor(Q + ".in_sum", new long[] {2, 1}, -1, 1)
        .gguf("imatrix");
  }

  private static RawImportance raw() {
    return new RawImportance();
  }

  private static RawImportance half(RawImportance whole) {
    byte[] bytes = whole.bytes();
    return new RawImportance() {
      @Override
      byte[] bytes() {
        return Arrays.copyOf(bytes, bytes.length - 2);
      }
    };
  }

  private static Arguments dat(String what, String message, RawImportance file) {
    return Arguments.of(what, message, file.bytes());
  }

  private static Arguments gguf(String what, String message, RawImportance file) {
    return gguf(what, message, "imatrix", file);
  }

  private static Arguments gguf(String what, String message, String type, RawImportance file) {
    return Arguments.of(what, message, file.gguf(type));
  }

  private static Arguments pair(String what, String message, float count, float... sums) {
    return gguf(
        what,
        message,
        raw()
            .tensor(Q + ".in_sum2", new long[] {sums.length, 1}, sums)
            .tensor(Q + ".counts", ONE, count));
  }
}
