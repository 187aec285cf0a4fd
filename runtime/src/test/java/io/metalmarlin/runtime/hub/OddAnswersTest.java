package io.metalmarlin.runtime.hub;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.testing.FakeHub;
import io.metalmarlin.runtime.source.ModelSource;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Answers that HTTP allows, or that mirrors and proxies give all the same.
class OddAnswersTest extends HubFixture {
  private void assertWhole() throws IOException {
    for (String file : new String[] {WEIGHTS, "config.json", "tokenizer.json"}) {
      assertThat(Files.readAllBytes(snapshot(file))).as(file).isEqualTo(hub.files.get(file));
    }
  }

  private static byte[] packed(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  /// Packs everything, whatever was asked for.
  private boolean pack(HttpExchange e, byte[] content) throws IOException {
    e.getResponseHeaders().set("Content-Encoding", "gzip");
    byte[] packed = packed(content);
    e.sendResponseHeaders(200, packed.length);
    hub.write(e, packed, 0, packed.length);
    return true;
  }

  @ParameterizedTest
  @ValueSource(strings = {"api", "config.json", WEIGHTS})
  void whatCameWithGzipIsUnpacked(String file) throws IOException {
    hub.always(file, this::pack);
    fetch();
    assertWhole();
  }

  @Test
  void aRangeOfPackedBytesIsNoRangeOfTheFile() throws IOException {
    FakeHub.Fault range =
        (e, content) -> {
          e.getResponseHeaders().set("Content-Encoding", "gzip");
          hub.send(e, content);
          return true;
        };
    hub.always(
        WEIGHTS,
        (e, content) ->
            e.getRequestHeaders().containsKey("Range")
                ? range.answer(e, content)
                : pack(e, content));
    fetch();
    assertWhole();
  }

  @Test
  void anEncodingThatNobodyAskedForIsNamed() {
    hub.always(
        "api",
        (e, content) -> {
          e.getResponseHeaders().set("Content-Encoding", "br");
          hub.send(e, content);
          return true;
        });
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.NETWORK_FAILED);
    assertThat(e).hasMessageContaining("not asked for: br");
  }

  @Test
  void aServerMaySendLessOfARangeThanWasAskedFor() throws IOException {
    hub.always(
        WEIGHTS,
        (e, content) -> {
          String range = e.getRequestHeaders().getFirst("Range");
          int begin = Integer.parseInt(range.replaceAll("bytes=|-.*", ""));
          int end = Math.min(Integer.parseInt(range.replaceAll(".*-", "")) + 1, begin + 20_000);
          e.getResponseHeaders()
              .set("Content-Range", "bytes " + begin + "-" + (end - 1) + "/" + content.length);
          e.sendResponseHeaders(206, end - begin);
          hub.write(e, content, begin, end);
          return true;
        });
    fetch();
    assertWhole();
  }

  @Test
  void anAddressWithCharactersThatAreNotEscapedIsFollowed() throws IOException {
    hub.always(
        "hub:" + WEIGHTS,
        (e, content) ->
            FakeHub.status(302, "Location", hub.storeAddress() + e.getRequestURI() + "?n=a b\"c|d^")
                .answer(e, content));
    fetch();
    assertWhole();
  }

  @Test
  void aRedirectThatDoesNotDescribeTheFileIsFollowedForItsSize() throws IOException {
    hub.bare = true;
    hub.always(
        "hub:" + WEIGHTS,
        (e, content) -> {
          e.getResponseHeaders().set("ETag", "\"of-the-mirror\"");
          e.getResponseHeaders().set("Content-Length", "23");
          e.getResponseHeaders().set("Location", hub.storeAddress() + e.getRequestURI());
          e.sendResponseHeaders(302, -1);
          return true;
        });
    fetch();
    assertWhole();
  }

  @Test
  void aListThatIsCutWithoutALengthIsAskedForAgain() throws IOException {
    hub.next(
        "api",
        (e, content) -> {
          e.sendResponseHeaders(200, 0);
          e.getResponseBody().write(Arrays.copyOf(content, content.length / 2));
          return true;
        });
    fetch();
    assertWhole();
  }

  @ParameterizedTest
  @CsvSource({"1,true", "9,false"})
  void aSpentQuotaIsWaitedForAsLongAsTheServerSays(int seconds, boolean passes) {
    hub.next("api", FakeHub.status(429, "RateLimit", "\"api\";r=0;t=" + seconds));
    long begin = System.nanoTime();
    if (passes) {
      fetch();
      assertThat(System.nanoTime() - begin).isGreaterThan(2_000_000_000L);
    } else {
      assertThat(failure()).hasMessageContaining("it asks to wait 10 s");
    }
  }

  @Test
  void anotherCommitThanTheOneAskedForIsRefused() {
    MarlinException e =
        failure(RepositoryName.parse("org/name@" + "f".repeat(40)).orElseThrow(), QUICK);
    assertThat(e.code()).isEqualTo(ErrorCode.NETWORK_FAILED);
    assertThat(e).hasMessageContaining("answers with commit " + FakeHub.COMMIT);
    assertThat(cache).doesNotExist();
  }

  @ParameterizedTest
  @CsvSource({"403,Access to this resource is disabled.", "451,Unavailable"})
  void aModelThatNobodyMayHaveIsNotSaidToBeGated(int status, String message) {
    hub.always("api", FakeHub.status(status, "X-Error-Message", message));
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.ACCESS_DENIED);
    assertThat(e).hasMessageContaining("to nobody").hasMessageContaining(message);
    assertThat(e.hint()).doesNotContain("Ask for access");
  }

  /// Programs that load a model's weights alone leave such a snapshot.
  @Test
  void weightsWithoutATokenizerAreCompletedOnceAndNotAskedAboutAgain() throws IOException {
    fetch();
    Files.delete(snapshot("tokenizer.json"));
    Files.delete(repository().resolve(".marlin/" + FakeHub.COMMIT + ".whole"));
    ModelSource offline = new ModelSource(variables, Optional.empty());
    assertThat(offline.resolve("org/name", temp).folder()).isNotNull();
    ModelSource source = new ModelSource(variables, Optional.of(name -> fetch()));
    source.resolve("org/name", temp);
    assertWhole();
    Files.delete(snapshot("tokenizer.json"));
    hub.requests.clear();
    source.resolve("org/name", temp);
    assertThat(hub.requests).as("the repository may have none").isEmpty();
  }
}
