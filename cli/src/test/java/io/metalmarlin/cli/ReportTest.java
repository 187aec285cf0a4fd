package io.metalmarlin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.metalmarlin.cli.command.Marlin;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// `marlin report` on a report whose every name tries to be something else: the page is parsed, and
/// the figures that the JSON has are looked up in it.
class ReportTest {
  @TempDir static Path folder;
  private static JsonNode result;
  private static Document page;
  private static String text;

  @BeforeAll
  static void writeThePageOnce() throws Exception {
    for (String name : List.of("report.json", "marlin-manifest.json")) {
      try (InputStream in = ReportTest.class.getResourceAsStream("report/hostile/" + name)) {
        Files.copy(Objects.requireNonNull(in), folder.resolve(name));
      }
    }
    CommandLineRun run = CommandLineRun.of("report", folder.toString(), "--json");
    assertThat(run.exit()).as(run.out()).isZero();
    assertThat(SchemaCheck.envelope(run.json())).isEmpty();
    result = run.json().path("result");
    String written = Files.readString(folder.resolve("report.html"));
    page = parse(written);
    text = page.getDocumentElement().getTextContent();
  }

  private static Document parse(String html) throws Exception {
    DocumentBuilderFactory factory = DocumentBuilderFactory.newDefaultInstance();
    return factory
        .newDocumentBuilder()
        .parse(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
  }

  private static List<Element> elements(Element in, String tag) {
    NodeList all = in.getElementsByTagName(tag);
    return IntStream.range(0, all.getLength()).mapToObj(i -> (Element) all.item(i)).toList();
  }

  private static List<Element> elements(String tag) {
    return elements(page.getDocumentElement(), tag);
  }

  /// The rows of the table whose caption begins so, headings first, cells as text.
  private static List<List<String>> table(String caption) {
    Element table =
        elements("table").stream()
            .filter(t -> elements(t, "caption").getFirst().getTextContent().startsWith(caption))
            .findFirst()
            .orElseThrow(() -> new AssertionError("no table " + caption));
    List<List<String>> rows = new ArrayList<>();
    for (Element row : elements(table, "tr")) {
      List<String> cells = new ArrayList<>();
      for (Node n = row.getFirstChild(); n != null; n = n.getNextSibling()) {
        cells.add(lines((Element) n));
      }
      rows.add(cells);
    }
    return rows;
  }

  /// Text with a line end for every br.
  private static String lines(Element e) {
    StringBuilder s = new StringBuilder();
    for (Node n = e.getFirstChild(); n != null; n = n.getNextSibling()) {
      s.append(n.getNodeName().equals("br") ? "\n" : n.getTextContent());
    }
    return s.toString();
  }

  /// A figure of the page, rounded to three digits at least, beside the one it must be.
  private static void same(String shown, JsonNode figure, String what) {
    double number = Double.parseDouble(shown.replaceAll("[●~,% ]", ""));
    double expected = figure.doubleValue();
    assertThat(number).as(what).isCloseTo(expected, within(.005 * Math.abs(expected)));
  }

  @Test
  void nothing_of_the_reports_text_became_an_element_or_runs() {
    assertThat(elements("script")).isEmpty();
    assertThat(elements("img")).isEmpty();
    assertThat(elements("b")).isEmpty();
    assertThat(elements("plaintext")).isEmpty();
    for (Element e : elements("*")) {
      for (int i = 0; i < e.getAttributes().getLength(); i++) {
        assertThat(e.getAttributes().item(i).getNodeName()).doesNotStartWith("on");
      }
    }
    assertThat(text)
        .contains("self_attn.<script>alert(\"x\")</script>")
        .contains("\"><img src=x onerror=alert(1)>")
        .contains("k&amp;proj ]]> </style><b>")
        .contains("<!-- text")
        .contains("\\u202eorp_v")
        .doesNotContain("\u202e", "\u2066", "\u0007");
  }

  @Test
  void nothing_is_fetched_from_anywhere() {
    for (Element e : elements("*")) {
      for (String attribute : List.of("src", "href", "srcset", "data", "action", "xlink:href")) {
        if (e.hasAttribute(attribute)) {
          assertThat(e.getAttribute(attribute)).matches("#[a-z-]+|data:,");
        }
      }
    }
    assertThat(elements("style").getFirst().getTextContent())
        .doesNotContain("url(", "@import", "@font-face");
  }

  @Test
  void every_section_is_there_with_a_heading_and_a_link() {
    List<String> ids = elements("section").stream().map(s -> s.getAttribute("id")).toList();
    assertThat(ids)
        .containsExactly(
            "quality",
            "size",
            "bits",
            "errors",
            "sensitivity",
            "experts",
            "calibration",
            "command",
            "files");
    assertThat(elements("nav").stream().flatMap(n -> elements(n, "a").stream()))
        .extracting(a -> a.getAttribute("href").substring(1))
        .isEqualTo(ids);
  }

  @Test
  void every_error_is_in_its_row_and_column() {
    List<List<String>> rows = table("Relative error");
    for (JsonNode cell : result.at("/sums/cells")) {
      int column = rows.getFirst().indexOf(shown(cell.get("role").asString()));
      String[] figures =
          rows.stream()
              .filter(r -> r.getFirst().equals(cell.get("layer").asString()))
              .findFirst()
              .orElseThrow()
              .get(column)
              .split("\n");
      same(figures[0], cell.at("/sum/error"), cell.toString());
      same(figures[1], cell.at("/sum/hessian_error"), cell.toString());
    }
  }

  private static String shown(String name) {
    return name.replace("\u202e", "\\u202e");
  }

  @Test
  void every_cost_and_every_choice_is_in_its_row_and_column() {
    List<List<String>> rows = table("KL divergence by unit");
    int row = 1;
    for (JsonNode unit : result.at("/run/costs/units")) {
      List<String> cells = rows.get(row++);
      assertThat(cells.getFirst()).isEqualTo(unit.get("unit").asString());
      for (JsonNode cost : unit.get("costs")) {
        String scheme = cost.get("scheme").asString();
        String cell = cells.get(rows.getFirst().indexOf(scheme));
        same(cell, cost.get("kld"), unit.get("unit").asString() + " " + scheme);
        assertThat(cell.contains("●")).isEqualTo(scheme.equals(unit.get("chosen").asString()));
        assertThat(cell.contains("~")).isNotEqualTo(cost.get("measured").asBoolean());
      }
    }
    assertThat(row).isEqualTo(rows.size());
  }

  @Test
  void the_measured_figures_are_on_the_page() {
    List<List<String>> rows = table("What was measured");
    JsonNode d = result.at("/run/quality/divergence");
    metric(rows, "Perplexity", result.at("/run/quality/perplexity/mean"));
    metric(rows, "Perplexity of the source", d.get("reference_perplexity"));
    metric(rows, "KL divergence, mean", d.at("/mean/mean"));
    metric(rows, "KL divergence, median", d.get("median"));
    metric(rows, "KL divergence, 90 %", d.get("p90"));
    metric(rows, "KL divergence, 95 %", d.get("p95"));
    metric(rows, "KL divergence, 99 %", d.get("p99"));
    metric(rows, "KL divergence, 99.9 %", d.get("p999"));
    metric(rows, "KL divergence, largest", d.get("max"));
    assertThat(rows.getLast().get(1))
        .startsWith(String.format(Locale.ROOT, "%.2f %%", 100 * d.at("/top1/mean").asDouble()));
    assertThat(table("Gates").get(1).getLast()).isEqualTo("passed");
  }

  private static void metric(List<List<String>> rows, String name, JsonNode figure) {
    String cell =
        rows.stream().filter(r -> r.getFirst().equals(name)).findFirst().orElseThrow().get(1);
    same(cell.split("\n")[0], figure, name);
  }

  @Test
  void the_bars_of_the_histogram_are_as_high_as_its_counts() {
    Element drawing = svg("histogram-title");
    List<Double> heights =
        elements(drawing, "rect").stream()
            .map(r -> Double.parseDouble(r.getAttribute("height")))
            .toList();
    List<Double> counts = new ArrayList<>();
    result.at("/run/quality/divergence/histogram/counts").forEach(c -> counts.add(c.asDouble()));
    while (counts.getFirst() == 0) {
      counts.removeFirst();
    }
    while (counts.getLast() == 0) {
      counts.removeLast();
    }
    double scale =
        heights.stream().max(Double::compare).orElseThrow()
            / counts.stream().max(Double::compare).orElseThrow();
    assertThat(heights).hasSameSizeAs(counts);
    for (int i = 0; i < counts.size(); i++) {
      assertThat(heights.get(i)).isCloseTo(counts.get(i) * scale, within(.02));
    }
  }

  private static Element svg(String title) {
    return elements("svg").stream()
        .filter(s -> s.getAttribute("aria-labelledby").startsWith(title))
        .findFirst()
        .orElseThrow();
  }

  @Test
  void the_points_of_an_error_are_where_a_logarithmic_axis_has_them() {
    Element drawing = svg("error-0-title");
    List<Element> labels = elements(drawing, "text");
    Element low = labels.get(0);
    Element high = labels.get(1);
    double perDecade = y(high) - y(low);
    int power = Integer.parseInt(low.getTextContent().substring(2));
    List<Element> dots =
        elements(drawing, "circle").stream()
            .filter(c -> c.getAttribute("class").contains("plain"))
            .toList();
    List<JsonNode> cells =
        result
            .at("/sums/cells")
            .valueStream()
            .filter(c -> c.get("role").asString().startsWith("self_attn.<script>"))
            .toList();
    assertThat(dots).hasSameSizeAs(cells);
    for (int i = 0; i < dots.size(); i++) {
      double decades = Math.log10(cells.get(i).at("/sum/error").asDouble()) - power;
      // A label stands four units below its line.
      double expected = y(low) - 4 + decades * perDecade;
      assertThat(Double.parseDouble(dots.get(i).getAttribute("cy")))
          .isCloseTo(expected, within(.02));
    }
  }

  private static double y(Element e) {
    return Double.parseDouble(e.getAttribute("y"));
  }

  @Test
  void tokens_sizes_digests_and_the_command_are_on_the_page() {
    List<List<String>> experts = table("Tokens per expert");
    int row = 1;
    for (JsonNode layer : result.get("experts")) {
      long least =
          layer.get("tokens").valueStream().mapToLong(JsonNode::asLong).min().orElseThrow();
      assertThat(experts.get(row).get(2)).isEqualTo(Long.toString(least));
      assertThat(experts.get(row).subList(5, 9))
          .containsExactly(
              layer.get("few").asString(),
              layer.get("none").asString(),
              layer.get("leaning").asString(),
              layer.get("rounded").asString());
      row++;
    }
    assertThat(text)
        .contains("one tensor in BF16", "experts.4.down_proj: rounding")
        .contains(result.at("/run/calibration/sha256").asString())
        .contains("texts/</dd>.txt")
        .contains("marlin quantize 'it'\\''s <b>here</b> & \"there\"' -o")
        .contains("crc32c 0badcafe", "<model>.safetensors");
    long bytes = result.at("/run/output_bytes").asLong();
    assertThat(text).contains(String.format(Locale.ROOT, "%.2f MiB", bytes / 1048576.0));
    List<List<String>> roles = table("Matrices by role");
    assertThat(roles).hasSize(1 + result.at("/sums/roles").size());
  }

  @Test
  void what_was_folded_in_is_told_by_layer() {
    List<List<String>> folds = table("Inputs whose channels");
    assertThat(folds).hasSize(2);
    assertThat(folds.get(1)).startsWith("0").endsWith("smooth-0.2-<i>0.8");
    assertThat(folds.get(1).get(1)).contains("self_attn.<script>", ", self_attn.k&amp;proj");
  }

  @Test
  void drawings_have_names_and_ids_are_there_once() {
    List<String> ids =
        elements("*").stream().map(e -> e.getAttribute("id")).filter(i -> !i.isEmpty()).toList();
    assertThat(ids).doesNotHaveDuplicates();
    for (Element s : elements("svg")) {
      String names = s.getAttribute("aria-labelledby");
      assertThat(s.hasAttribute("aria-label") || ids.containsAll(List.of(names.split(" "))))
          .isTrue();
    }
  }

  @Test
  void an_existing_page_is_replaced_only_when_asked() throws IOException {
    CommandLineRun again = CommandLineRun.of("report", folder.toString());
    assertThat(again.exit()).isEqualTo(3);
    assertThat(again.err()).contains("E321", "--overwrite");
    Path other = folder.resolve("other.html");
    CommandLineRun named =
        CommandLineRun.of("report", folder.toString(), "-o", other.toString(), "--overwrite");
    assertThat(named.exit()).isZero();
    assertThat(named.out()).startsWith(other.toString());
    assertThat(Files.readString(other)).isEqualTo(Files.readString(folder.resolve("report.html")));
    try (Stream<Path> all = Files.list(folder)) {
      assertThat(all.map(p -> p.getFileName().toString())).noneMatch(n -> n.endsWith(".tmp"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"report.json", "model.safetensors", "page"})
  void a_page_that_is_called_like_something_else_is_refused(String name) {
    CommandLineRun run =
        CommandLineRun.of(
            "report", folder.toString(), "-o", folder.resolve(name).toString(), "--overwrite");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("does not end in .html");
  }

  @Test
  void costs_of_another_model_are_refused() throws IOException {
    Path costs = folder.resolve("costs.json");
    Files.writeString(
        costs,
        "{\"schema\": \"marlin.sensitivities/1\", \"units\": [{\"unit\": \"0.q\", \"patterns\":"
            + " [\"model.layers.7.q\"]}]}");
    CommandLineRun run =
        CommandLineRun.of(
            "report", folder.toString(), "--sensitivities", costs.toString(), "--overwrite");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("E201", "model.layers.7.q");
  }

  /// Whatever an older version did not record is said on the page with a command that exists.
  @Test
  void an_older_report_is_shown_with_its_gaps_and_real_commands(@TempDir Path older)
      throws Exception {
    ObjectNode report =
        (ObjectNode) JsonMapper.shared().readTree(folder.resolve("report.json").toFile());
    report.put("schema", "marlin.report/1");
    report.remove(List.of("command", "source", "calibration", "kept", "allocation", "proof"));
    ((ObjectNode) report.get("recipe")).put("samples", 0);
    for (JsonNode layer : report.get("layers")) {
      ((ObjectNode) layer)
          .remove(List.of("sourceType", "sourceBytes", "outputBytes", "ownShare", "fallback"));
    }
    JsonMapper.shared().writeValue(older.resolve("report.json").toFile(), report);
    CommandLineRun run = CommandLineRun.of("report", older.toString(), "--json");
    assertThat(run.exit()).as(run.out()).isZero();
    assertThat(SchemaCheck.envelope(run.json())).isEmpty();
    String shown =
        parse(Files.readString(older.resolve("report.html"))).getDocumentElement().getTextContent();
    List<String> topics = new ArrayList<>();
    for (JsonNode gap : run.json().at("/result/gaps")) {
      topics.add(gap.get("topic").asString());
      String command = gap.get("command").asString();
      assertThat(shown).contains(command, gap.get("why").asString());
      for (String part : command.split(" && ")) {
        List<String> words = List.of(part.split(" "));
        var options =
            Marlin.parser().getSubcommands().get(words.get(1)).getCommandSpec().optionsMap();
        assertThat(words.stream().filter(w -> w.startsWith("-"))).allMatch(options::containsKey);
      }
    }
    assertThat(topics)
        .containsExactly("COMMAND", "QUALITY", "SIZES", "SENSITIVITY", "EXPERTS", "FILES");
  }

  @Test
  void a_folder_that_cannot_be_written_is_an_output_error() {
    CommandLineRun run =
        CommandLineRun.of(
            "report", folder.toString(), "-o", folder.resolve("no/page.html").toString());
    assertThat(run.exit()).isEqualTo(6);
  }
}
