package io.metalmarlin.quant.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReportReaderTest {
  private static final String LEAST =
      """
      {"schema": "marlin.report/1", "recipe": {"scheme": "W4A16", "method": "rtn", "samples": 0},
       "source_bytes": 100, "output_bytes": 30, "seconds": 1.5, "bits_per_weight": 4.25,
       "layers": [{"module": "model.layers.0.mlp.up", "scheme": "W4A16", "method": "rtn", "rows": 4, "cols": 8,
         "bitsPerWeight": 4.25, "relativeError": 0.01, "relativeHessianError": null, "calibrationTokens": 0,
         "damping": 0.0, "dampingRetries": 0, "seconds": 0.25}]}
      """;

  @TempDir Path folder;

  private RunReport read(String report) throws IOException {
    Files.writeString(folder.resolve("report.json"), report);
    return ReportReader.read(folder);
  }

  private void refused(ErrorCode code, String... words) {
    assertThatThrownBy(() -> ReportReader.read(folder))
        .isInstanceOfSatisfying(
            MarlinException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.where() + " " + e.getMessage()).contains(words);
            });
  }

  @Test
  void the_least_an_older_report_says_is_enough_and_the_rest_is_named() throws IOException {
    RunReport run = read(LEAST);
    assertThat(run.kind()).isEqualTo(RunReport.Kind.QUANTIZE);
    assertThat(run.weights())
        .singleElement()
        .satisfies(w -> {
          assertThat(w.elements()).isEqualTo(32);
          assertThat(w.place()).isEqualTo(new ModulePlace(0, "mlp.up", ModulePlace.SINGLE));
          assertThat(w.hessianError()).isEmpty();
          assertThat(w.outputBytes()).isEmpty();
          assertThat(w.solve().orElseThrow().ownShare()).isEmpty();
        });
    assertThat(Gap.of(run))
        .extracting(Gap::topic)
        .containsExactly(
            Gap.Topic.COMMAND,
            Gap.Topic.QUALITY,
            Gap.Topic.SIZES,
            Gap.Topic.SENSITIVITY,
            Gap.Topic.FILES);
  }

  @Test
  void what_could_not_be_computed_is_empty_and_no_number() throws IOException {
    RunReport run = read(LEAST.replace("\"relativeError\": 0.01", "\"relativeError\": \"NaN\""));
    assertThat(run.weights().getFirst().error()).isEmpty();
    assertThat(Sums.of(run.weights()).cells().getFirst().sum().error()).isEmpty();
  }

  @Test
  void a_place_without_a_report_is_refused_with_what_it_is() throws IOException {
    assertThatThrownBy(() -> ReportReader.read(folder.resolve("nowhere")))
        .hasMessageContaining("is not there");
    refused(ErrorCode.FILE_MISSING, "no output folder of marlin");
    Files.writeString(folder.resolve("marlin-manifest.json"), "{}");
    refused(ErrorCode.FILE_MISSING, "report.json", "marlin-manifest.json is there");
    Files.writeString(folder.resolve("journal.jsonl"), "");
    refused(ErrorCode.FILE_MISSING, "unfinished run");
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertThatThrownBy(() -> ReportReader.read(file)).hasMessageContaining("is a file");
  }

  @Test
  void every_truncation_is_called_one() throws IOException {
    for (int length = 0; length < LEAST.strip().length(); length += 7) {
      Files.writeString(folder.resolve("report.json"), LEAST.substring(0, length));
      refused(ErrorCode.FILE_TRUNCATED, "report.json", "cut off");
    }
  }

  @Test
  void a_truncated_manifest_is_refused_as_well() throws IOException {
    Files.writeString(folder.resolve("report.json"), LEAST);
    Files.writeString(folder.resolve("marlin-manifest.json"), "{\"source\": [");
    refused(ErrorCode.FILE_TRUNCATED, "marlin-manifest.json");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          marlin.report/1         | marlin.quantize-report/2    | REFUSED_FORMAT   | reads /1
          marlin.report/1         | marlin.inspect/1            | REFUSED_FORMAT   | no report of marlin
          "marlin.report/1"       | 7                           | CONFIG_MALFORMED | $.schema is 7, expected a string
          "rows": 4               | "rows": "four"              | CONFIG_MALFORMED | $.layers[0].rows is "four"
          "rows": 4               | "rows": -4                  | CONFIG_MALFORMED | whole number from 0
          "rows": 4               | "rows": 4.5                 | CONFIG_MALFORMED | whole number from 0
          "relativeError": 0.01   | "relativeError": 1e400      | CONFIG_MALFORMED | $.layers[0].relativeError
          "relativeError": 0.01   | "relativeError": [1]        | CONFIG_MALFORMED | expected a finite number
          "seconds": 1.5          | "second": 1.5               | CONFIG_MALFORMED | $.seconds is missing
          "recipe": {             | "recipe": [], "other": {    | CONFIG_MALFORMED | $.recipe is [], expected an object
          "seconds": 1.5          | "seconds": 1.5, "command": 3 | CONFIG_MALFORMED | list of strings
          "seconds": 1.5          | "seconds": 1.5, "kept": [3] | CONFIG_MALFORMED | $.kept[0] is 3
          "seconds": 1.5,         | "seconds": 1.5; "x": 1,     | CONFIG_MALFORMED | not valid JSON
          """)
  void what_is_wrong_is_named_with_its_place(String old, String other, ErrorCode code, String words)
      throws IOException {
    Files.writeString(folder.resolve("report.json"), LEAST.replace(old, other));
    refused(code, words);
  }

  @ParameterizedTest
  @CsvSource({
    "'[1, 0.1]', '[0, 1, 0]'",
    "'[0, 1]', '[0, 1, 0]'",
    "'[]', '[1]'",
    "'[0.1, 1]', '[0, 1]'",
    "'[0.1, 1]', '[0, 1.5, 0]'",
    "'[0.1, 1]', '[0, -1, 0]'"
  })
  void a_histogram_that_is_none_is_refused(String edges, String counts) throws IOException {
    String interval = "{\"mean\": 1, \"low\": 1, \"high\": 1}";
    String proof =
        """
        "proof": {"text": "t", "gates": [], "result": {"protocol": "p", "windows": 1, "scored": 1,
          "perplexity": I, "seconds": 1, "divergence": {"mean": I, "median": 0, "p90": 0, "p95": 0, "p99": 0,
          "p999": 0, "max": 0, "top1": I, "referencePerplexity": 1, "logPerplexityRatio": I,
          "histogram": {"edges": %s, "counts": %s}}}}, "seconds"
        """
            .formatted(edges, counts)
            .replace("I,", interval + ",");
    Files.writeString(
        folder.resolve("report.json"), LEAST.replaceFirst("\"seconds\"", proof.strip()));
    refused(ErrorCode.CONFIG_MALFORMED, "$.proof.result.divergence.histogram");
  }
}
