package io.metalmarlin.quant.report;

import static io.metalmarlin.quant.job.OutputFolder.MANIFEST;
import static io.metalmarlin.quant.job.OutputFolder.REPORT;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.formats.json.JsonFiles;
import io.metalmarlin.quant.job.PartialFolder;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

/// Reads what an output folder says about itself.
public final class ReportReader {
  private static final long MAX_BYTES = 512L << 20;
  private static final int KNOWN = 1;
  private static final int TAIL = 64;

  /// Until 0.1.0 the report of `quantize` was called `marlin.report`.
  private static final Pattern SCHEMA =
      Pattern.compile("marlin\\.(report|quantize-report|convert-report)/(\\d{1,6})");

  private ReportReader() {}

  /// @param folder an output of `quantize` or `convert`
  /// @throws MarlinException `FILE_MISSING` where there is none or it is not ours,
  ///   `FILE_TRUNCATED`, `CONFIG_MALFORMED` with the place in the file, `REFUSED_FORMAT` for a
  ///   newer report
  public static RunReport read(Path folder) {
    check(folder);
    Part report = json(folder.resolve(REPORT));
    Optional<FileLists> files =
        Files.exists(folder.resolve(MANIFEST))
            ? Optional.of(FileLists.of(json(folder.resolve(MANIFEST))))
            : Optional.empty();
    String name = name(folder);
    return kind(report) == RunReport.Kind.CONVERT
        ? ConvertReport.of(report, name, files)
        : QuantizeReport.of(report, name, files);
  }

  /// The report with costs from a file of `marlin sensitivity`.
  ///
  /// @throws MarlinException as above, `BAD_FLAG` where the file is of another model
  public static RunReport withCosts(RunReport report, Path file) {
    Part table = json(file);
    if (!table.optionalText("schema").orElse("").equals("marlin.sensitivities/1")) {
      throw costs(file, "is no file of marlin sensitivity");
    }
    List<String> modules = report.weights().stream().map(Weight::name).toList();
    Optional<String> stranger = Costs.stranger(table, modules);
    if (stranger.isPresent()) {
      throw costs(file, "holds costs of " + stranger.get() + ", which this folder has not");
    }
    return report.with(Costs.of(table, Optional.empty()));
  }

  private static MarlinException costs(Path file, String what) {
    return new MarlinException(
        ErrorCode.BAD_FLAG,
        "--sensitivities " + file,
        what,
        "Measure them with marlin sensitivity for the model that this folder was made from.");
  }

  private static void check(Path folder) {
    if (!Files.exists(folder)) {
      throw missing(folder, "is not there", "Check the path.");
    }
    if (!Files.isDirectory(folder)) {
      throw missing(
          folder, "is a file, no output folder", "Give the folder that holds " + REPORT + ".");
    }
    if (Files.exists(folder.resolve(REPORT))) {
      return;
    }
    if (Files.exists(folder.resolve(PartialFolder.JOURNAL))) {
      throw missing(
          folder,
          "is an unfinished run, which has no report yet",
          "Give the command that began it again; it goes on from here.");
    }
    if (Files.exists(folder.resolve(MANIFEST))) {
      throw missing(
          folder.resolve(REPORT),
          "is missing, although " + MANIFEST + " is there",
          "Fetch the folder again with all its files, or make it again.");
    }
    throw missing(
        folder,
        "is no output folder of marlin: it has no " + REPORT,
        "marlin quantize and marlin convert write one. `marlin inspect` lists any checkpoint.");
  }

  private static MarlinException missing(Path where, String what, String hint) {
    return new MarlinException(ErrorCode.FILE_MISSING, where.toString(), what, hint);
  }

  private static RunReport.Kind kind(Part report) {
    String schema = report.optionalText("schema").orElse("");
    Matcher m = SCHEMA.matcher(schema);
    if (!m.matches()) {
      throw refused(
          report,
          "is no report of marlin: its schema is \"" + schema + "\"",
          "Give a folder that marlin quantize or marlin convert made.");
    }
    if (Integer.parseInt(m.group(2)) > KNOWN) {
      String by =
          report
              .part("environment")
              .flatMap(e -> e.optionalText("marlin"))
              .orElse("a newer marlin");
      throw refused(
          report,
          "has schema %s, made by %s; this version reads /%d".formatted(schema, by, KNOWN),
          "Use the version that made it, or a newer one.");
    }
    return m.group(1).equals("convert-report") ? RunReport.Kind.CONVERT : RunReport.Kind.QUANTIZE;
  }

  private static MarlinException refused(Part report, String what, String hint) {
    return new MarlinException(ErrorCode.REFUSED_FORMAT, report.file().toString(), what, hint);
  }

  private static Part json(Path file) {
    try {
      return Part.root(file, JsonFiles.readObject(file, MAX_BYTES));
    } catch (MarlinException e) {
      if (e.getCause() instanceof UnexpectedEndOfInputException || cutOff(file)) {
        throw new MarlinException(
            ErrorCode.FILE_TRUNCATED,
            file.toString(),
            "ends in the middle: the rest was cut off",
            "Fetch it again, or make the output again.",
            e);
      }
      throw e;
    }
  }

  /// Whether a file that cannot be read as JSON begins as an object and does not end as one.
  private static boolean cutOff(Path file) {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer head = ByteBuffer.allocate(1);
      ByteBuffer tail = ByteBuffer.allocate(TAIL);
      channel.read(head, 0);
      channel.read(tail, Math.max(0, channel.size() - TAIL));
      String begin = new String(head.array(), StandardCharsets.ISO_8859_1);
      String end = new String(tail.array(), 0, tail.position(), StandardCharsets.ISO_8859_1);
      return channel.size() == 0 || begin.equals("{") && !end.stripTrailing().endsWith("}");
    } catch (IOException e) {
      return false;
    }
  }

  private static String name(Path folder) {
    Path name = folder.toAbsolutePath().normalize().getFileName();
    return name == null ? folder.toString() : name.toString();
  }
}
