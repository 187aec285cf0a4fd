package io.metalmarlin.runtime.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.testing.FakeHub;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Everything a network and a server can do wrong, each on its own.
class BadNetworkTest extends HubFixture {
  private void assertWhole() throws IOException {
    assertThat(Files.readAllBytes(snapshot(WEIGHTS))).isEqualTo(hub.files.get(WEIGHTS));
    assertThat(counted).hasValue(500021);
    try (Stream<Path> blobs = Files.list(repository().resolve("blobs"))) {
      assertThat(blobs.filter(b -> b.toString().contains("incomplete"))).isEmpty();
    }
  }

  @Test
  void cutConnectionsGoOnBehindTheLastByte() throws IOException {
    for (int i = 0; i < 12; i++) {
      hub.next(WEIGHTS, hub.cut(8 << 10));
    }
    fetch();
    assertWhole();
    assertThat(hub.sent.get()).as("nothing is sent twice").isLessThan(502_000);
  }

  @Test
  void cutsWithoutANewByteEndAfterAFewTries() {
    hub.always(WEIGHTS, hub.cut(0));
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.NETWORK_FAILED);
    assertThat(e.code().exitCode()).isEqualTo(7);
    assertThat(e).hasMessageContaining("4 tries");
    assertThat(e.where()).isEqualTo("org/name/model.safetensors");
  }

  @Test
  void aServerThatIgnoresRangesSendsTheWholeFile() throws IOException {
    hub.always(WEIGHTS, hub.whole());
    fetch();
    assertWhole();
  }

  @Test
  void aServerThatIgnoresRangesAndCutsIsStartedOver() throws IOException {
    hub.always(WEIGHTS, hub.whole());
    Patience one =
        new Patience(
            1, 1 << 20, Duration.ofSeconds(20), 4, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    hub.next(WEIGHTS, hub.cut(100_000), hub.whole(), hub.cut(100_000));
    fetch(NAME, one, () -> false);
    assertWhole();
  }

  @Test
  void aStoppedDownloadKeepsWhatCameAndTheNextFetchesOnlyTheRest() throws IOException {
    assertThatThrownBy(() -> fetch(NAME, QUICK, () -> counted.get() > 200_000))
        .isInstanceOfSatisfying(
            StoppedException.class, e -> assertThat(e.spec()).isEqualTo("org/name"));
    assertThat(snapshot(WEIGHTS)).doesNotExist();
    assertThat(repository().resolve("refs/main")).doesNotExist();
    long kept = counted.getAndSet(0);
    hub.sent.set(0);
    fetch();
    assertThat(hub.sent.get()).isLessThan(502_000 - 200_000);
    assertThat(events).last().asString().contains(" present").doesNotContain(" 0 present");
    assertThat(counted.get() + kept).isEqualTo(500021);
    assertThat(Files.readAllBytes(snapshot(WEIGHTS))).isEqualTo(hub.files.get(WEIGHTS));
  }

  @Test
  void aTornLineOfTheJournalIsNotBelieved() throws IOException {
    assertThatThrownBy(() -> fetch(NAME, QUICK, () -> counted.get() > 200_000))
        .isInstanceOf(StoppedException.class);
    Path journal = repository().resolve(".marlin").resolve(blob(WEIGHTS).getFileName() + ".ranges");
    Files.writeString(journal, "0 500000", StandardOpenOption.APPEND);
    fetch();
    assertThat(Files.readAllBytes(snapshot(WEIGHTS))).isEqualTo(hub.files.get(WEIGHTS));
  }

  @ParameterizedTest
  @ValueSource(ints = {499_999, 500_001})
  void aServerThatLiesAboutTheSizeIsFoundOut(int size) {
    hub.always(
        WEIGHTS,
        (e, content) -> {
          String asked = e.getRequestHeaders().getFirst("Range").replace("bytes=", "bytes ");
          e.getResponseHeaders().set("Content-Range", asked + "/" + size);
          e.sendResponseHeaders(206, content.length);
          hub.write(e, content, 0, content.length);
          return true;
        });
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.DOWNLOAD_CORRUPT);
    assertThat(e).hasMessageContaining("/" + size);
    assertThat(snapshot(WEIGHTS)).doesNotExist();
  }

  @Test
  void aWholeFileOfAnotherSizeIsFoundOut() {
    hub.always(
        "tokenizer.json",
        (e, content) -> {
          e.sendResponseHeaders(200, 7);
          hub.write(e, new byte[7], 0, 7);
          return true;
        });
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.DOWNLOAD_CORRUPT);
    assertThat(e).hasMessage("has 7 bytes on the server, its list says 2");
  }

  @Test
  void moreBytesThanListedAreFoundOutWithoutALength() {
    hub.always(
        "tokenizer.json",
        (e, content) -> {
          e.sendResponseHeaders(200, 0); // chunked
          hub.write(e, new byte[7], 0, 7);
          return true;
        });
    assertThat(failure().code()).isEqualTo(ErrorCode.DOWNLOAD_CORRUPT);
  }

  @Test
  void aRangeBehindTheEndIsFoundOut() {
    hub.always(WEIGHTS, FakeHub.status(416));
    assertThat(failure().code()).isEqualTo(ErrorCode.DOWNLOAD_CORRUPT);
  }

  @Test
  void damagedBytesAreFetchedAgainOnce() throws IOException {
    hub.next(WEIGHTS, hub.damaged());
    Patience one =
        new Patience(
            1, 1 << 20, Duration.ofSeconds(20), 4, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    fetch(NAME, one, () -> false);
    assertWhole();
  }

  @ParameterizedTest
  @ValueSource(strings = {"model.safetensors", "tokenizer.json"})
  void bytesThatStayDamagedAreAnErrorAndAreNotKept(String file) {
    hub.always(file, hub.damaged());
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.DOWNLOAD_CORRUPT);
    assertThat(e).hasMessageContaining("after two downloads");
    assertThat(snapshot(file)).doesNotExist();
    assertThat(blob(file)).doesNotExist();
    assertThat(blob(file).resolveSibling(blob(file).getFileName() + ".marlin.incomplete"))
        .doesNotExist();
  }

  @Test
  void theTokenGoesToTheHubAndNeverToTheStore() {
    variables.put("HF_TOKEN", "hf_secret");
    fetch();
    assertThat(hub.requests)
        .filteredOn(r -> r.server().equals("hub"))
        .allSatisfy(r -> assertThat(r.token()).isEqualTo("Bearer hf_secret"));
    assertThat(hub.requests)
        .filteredOn(r -> r.server().equals("store"))
        .isNotEmpty()
        .allSatisfy(r -> assertThat(r.token()).isNull());
    assertThat(HubSettings.of(variables).toString()).doesNotContain("secret");
  }

  @Test
  void anExpiredAddressOfTheStoreIsAskedForAnew() throws IOException {
    hub.next(WEIGHTS, (e, c) -> false, FakeHub.status(403), FakeHub.status(403));
    fetch();
    assertWhole();
  }

  @Test
  void redirectsWithoutEndAreAnError() {
    hub.always("hub:" + WEIGHTS, FakeHub.status(302, "Location", "/x/y"));
    hub.always("/x/y", FakeHub.status(302, "Location", "/x/y"));
    assertThat(failure()).hasMessageContaining("redirects");
  }

  @Test
  void aRedirectToNowhereIsAnError() {
    hub.always("hub:" + WEIGHTS, FakeHub.status(302, "Location", "ftp://elsewhere/x"));
    assertThat(failure().code()).isEqualTo(ErrorCode.NETWORK_FAILED);
  }

  @Test
  void aRenamedRepositoryIsFollowed() {
    hub.next(
        "api", FakeHub.status(307, "Location", "/api/models/new/name/revision/main?blobs=true"));
    assertThat(fetch()).isEqualTo(FakeHub.COMMIT);
  }

  @ParameterizedTest
  @CsvSource({"429,0", "429,1", "503,0", "500,0", "408,0"})
  void aBusyServerIsAskedAgain(int status, int seconds) throws IOException {
    FakeHub.Fault busy = FakeHub.status(status, "Retry-After", Integer.toString(seconds));
    hub.next("api", busy);
    hub.next("hub:" + WEIGHTS, busy, busy);
    hub.next(WEIGHTS, busy);
    long begin = System.nanoTime();
    fetch();
    assertThat(System.nanoTime() - begin).isGreaterThanOrEqualTo(seconds * 2_000_000_000L);
    assertWhole();
  }

  @Test
  void aServerThatStaysBusyIsGivenUp() {
    hub.always("api", FakeHub.status(503));
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.NETWORK_FAILED);
    assertThat(hub.requests).hasSize(QUICK.tries());
  }

  @Test
  void aServerThatAsksForTooLongAPauseIsGivenUpAtOnce() {
    hub.always("api", FakeHub.status(429, "Retry-After", "3600"));
    assertThat(failure()).hasMessageContaining("it asks to wait 3600 s");
    assertThat(hub.requests).hasSize(1);
  }

  @Test
  void aSilentConnectionIsLeftAndGoneOnWith() throws IOException {
    Patience impatient =
        new Patience(
            4, 64 << 10, Duration.ofMillis(400), 4, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    hub.next(WEIGHTS, hub.thenSilent(hub.cut(1000)));
    fetch(NAME, impatient, () -> false);
    assertWhole();
  }

  @Test
  void aServerThatNeverAnswersIsGivenUp() {
    Patience impatient =
        new Patience(
            4, 64 << 10, Duration.ofMillis(200), 2, Duration.ZERO, Duration.ZERO, Duration.ZERO);
    hub.always("api", hub.thenSilent((e, content) -> true));
    assertThat(failure(NAME, impatient).code()).isEqualTo(ErrorCode.NETWORK_FAILED);
  }

  @Test
  void nobodyListening() {
    hub.close();
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.NETWORK_FAILED);
    assertThat(e).hasMessageContaining("no connection to localhost");
  }

  @Test
  void aListThatIsNoJsonIsAnError() {
    hub.always(
        "api",
        (e, content) -> {
          hub.send(e, text("<html>"));
          return true;
        });
    assertThat(failure()).hasMessageContaining("not JSON");
  }

  @ParameterizedTest
  @CsvSource({
    "401,,REPOSITORY_MISSING,HF_TOKEN",
    "404,RepoNotFound,REPOSITORY_MISSING,Check the name",
    "404,RevisionNotFound,REPOSITORY_MISSING,branch",
    "401,GatedRepo,ACCESS_DENIED,Ask for access at",
    "403,GatedRepo,ACCESS_DENIED,Ask for access at",
    "400,,NETWORK_FAILED,HF_ENDPOINT"
  })
  void aRefusalSaysWhatToDo(int status, String code, ErrorCode expected, String hint) {
    hub.always(
        "api",
        code == null ? FakeHub.status(status) : FakeHub.status(status, "X-Error-Code", code));
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(expected);
    assertThat(e.hint()).contains(hint);
    assertThat(hub.requests).as("no second try").hasSize(1);
  }

  @Test
  void aTokenThatIsNotAcceptedIsNeverPrinted() {
    variables.put("HF_TOKEN", "hf_secret");
    hub.always("api", FakeHub.status(401));
    MarlinException e = failure();
    assertThat(e.code()).isEqualTo(ErrorCode.ACCESS_DENIED);
    assertThat(e.toString() + e.hint() + e.where()).doesNotContain("secret");
  }

  @Test
  void aGatedFileIsToldFromAMissingToken() {
    hub.always("hub:" + WEIGHTS, FakeHub.status(401, "X-Error-Code", "GatedRepo"));
    MarlinException e = failure();
    assertThat(e).hasMessageContaining("no access token was sent");
    assertThat(e.hint()).contains(hub.endpoint() + "/org/name", "HF_TOKEN");
  }

  @Test
  void aFileOfAnotherCommitOrEtagIsRefused() {
    hub.always("hub:" + WEIGHTS, FakeHub.status(200, "X-Repo-Commit", "f".repeat(40)));
    assertThat(failure()).hasMessageContaining("comes from commit");
    hub.always("hub:" + WEIGHTS, FakeHub.status(200, "X-Linked-Etag", "f".repeat(64)));
    assertThat(failure()).hasMessageContaining("has the etag");
  }

  @Test
  void downloadsAtTheSameTimeFetchEachFileOnce() throws Exception {
    List<Thread> threads =
        Stream.generate(() -> Thread.ofPlatform().unstarted(this::fetch)).limit(3).toList();
    threads.forEach(Thread::start);
    for (Thread t : threads) {
      t.join();
    }
    assertThat(Files.readAllBytes(snapshot(WEIGHTS))).isEqualTo(hub.files.get(WEIGHTS));
    assertThat(hub.sent.get()).isLessThan(510_000);
  }
}
