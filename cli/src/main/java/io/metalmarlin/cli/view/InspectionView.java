package io.metalmarlin.cli.view;

import io.metalmarlin.cli.out.Figures;
import io.metalmarlin.cli.out.Json;
import io.metalmarlin.cli.out.Table;
import io.metalmarlin.formats.container.Printable;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An [Inspection]: every tensor, how much is stored in which scheme, what the files say.
public final class InspectionView {
  private InspectionView() {}

  /// The result of `inspect --json`.
  public static ObjectNode json(Inspection i) {
    ObjectNode n = Json.object();
    n.put("path", i.path().toString());
    n.put("container", i.container());
    n.put("dialect", i.dialect().orElse(null));
    n.put("model_type", i.modelType().orElse(null));
    i.gguf().ifPresent(g -> n.set("gguf", gguf(g)));
    ArrayNode files = n.putArray("files");
    i.files().forEach(f -> files.add(f.getFileName().toString()));
    ObjectNode metadata = n.putObject("metadata");
    i.metadata().forEach(metadata::put);
    n.put("tensor_count", i.tensors().size());
    n.put("bytes", i.bytes());
    n.put("weights", i.weights());
    Json.number(n, "bits_per_weight", i.bitsPerWeight(), i.whyNoBits());
    SchemeShare all = i.quantized();
    ObjectNode q = n.putObject("quantized");
    q.put("modules", all.count());
    q.put("weights", all.weights());
    q.put("bytes", all.bytes());
    Json.number(q, "bits_per_weight", all.bitsPerWeight(), "no quantized module");
    ArrayNode schemes = n.putArray("schemes");
    i.schemes().forEach(s -> schemes.add(share(s)));
    ArrayNode tensors = n.putArray("tensors");
    i.tensors().forEach(t -> tensors.add(tensor(t)));
    return n;
  }

  private static ObjectNode gguf(GgufFacts g) {
    ObjectNode n = Json.object();
    n.put("architecture", g.architecture().orElse(null));
    if (g.fileType().isPresent()) {
      n.put("file_type", g.fileType().getAsLong());
    } else {
      Json.missing(n, "file_type", "the file has no whole number under general.file_type");
    }
    n.put("file_type_name", g.fileTypeName().orElse(null));
    return n;
  }

  private static ObjectNode share(SchemeShare s) {
    ObjectNode n = Json.object();
    n.put("role", s.role().label());
    n.put("scheme", s.scheme());
    n.put("packing", s.packing().isEmpty() ? null : s.packing());
    n.put("count", s.count());
    n.put("weights", s.weights());
    n.put("bytes", s.bytes());
    Json.number(n, "bits_per_weight", s.bitsPerWeight(), "not known to be weights");
    return n;
  }

  private static ObjectNode tensor(ListedTensor t) {
    ObjectNode n = Json.object();
    n.put("name", t.info().name());
    n.put("dtype", t.info().dtype().name());
    t.info().shape().forEach(n.putArray("shape")::add);
    n.put("bytes", t.info().byteSize());
    n.put("role", t.role().label());
    n.put("scheme", t.part().map(PackedPart::scheme).orElse(null));
    n.put("packing", t.part().map(PackedPart::packing).orElse(null));
    return n;
  }

  /// The same for people.
  public static String text(Inspection i) {
    StringBuilder s = new StringBuilder(tensors(i)).append('\n').append(schemes(i)).append('\n');
    int files = i.files().size();
    s.append(
        "path             %s (%s, %d file%s)%n"
            .formatted(i.path(), i.container(), files, files == 1 ? "" : "s"));
    s.append("dialect          %s%n".formatted(i.dialect().orElse("not known")));
    s.append("model type       %s%n".formatted(i.modelType().orElse("not known")));
    i.gguf().ifPresent(g -> s.append(lines(g)));
    s.append(
        "size             %s, %s tensors, %s weights, %s bits per weight%n"
            .formatted(
                Figures.bytes(i.bytes()),
                Figures.count(i.tensors().size()),
                Figures.count(i.weights()),
                Figures.fixed(i.bitsPerWeight(), 3)));
    SchemeShare all = i.quantized();
    if (all.count() > 0) {
      s.append(
          "quantized        %s: %d modules, %s weights, %s bits per weight%n"
              .formatted(
                  names(i),
                  all.count(),
                  Figures.count(all.weights()),
                  Figures.fixed(all.bitsPerWeight(), 3)));
    }
    if (!i.metadata().isEmpty()) {
      Table metadata = new Table("metadata", "value");
      i.metadata().forEach((k, v) -> metadata.row(Printable.of(k), Printable.of(v)));
      s.append('\n').append(metadata.text());
    }
    return s.toString();
  }

  private static String tensors(Inspection i) {
    Table table = new Table("tensor", "dtype", "shape", ">size", "scheme");
    for (ListedTensor t : i.tensors()) {
      table.row(
          t.info().name(),
          t.info().dtype().name(),
          PlanView.shape(t.info().shape()),
          Figures.bytes(t.info().byteSize()),
          switch (t.role()) {
            case QUANTIZED -> t.part().map(PackedPart::scheme).orElse("");
            case DENSE -> "";
            case AUXILIARY, UNREADABLE -> t.role().label();
          });
    }
    return table.text();
  }

  private static String schemes(Inspection i) {
    Table table = new Table("scheme", "stored as", ">count", ">weights", ">size", ">bits/weight");
    for (SchemeShare s : i.schemes()) {
      table.row(
          s.scheme(),
          s.packing().isEmpty() ? s.role().label() : s.packing(),
          Figures.count(s.count()),
          s.weights() == 0 ? Figures.NONE : Figures.count(s.weights()),
          Figures.bytes(s.bytes()),
          Figures.fixed(s.bitsPerWeight(), 3));
    }
    return table.text();
  }

  private static String lines(GgufFacts g) {
    String number =
        g.fileType().isPresent() ? Long.toString(g.fileType().getAsLong()) : "not stated";
    return "architecture     %s%n"
            .formatted(g.architecture().map(Printable::of).orElse("not stated"))
        + "file type        %s%n"
            .formatted(g.fileTypeName().map(n -> n + " (" + number + ")").orElse(number));
  }

  private static String names(Inspection i) {
    return i.schemes().stream()
        .filter(s -> s.role() == TensorRole.QUANTIZED)
        .map(SchemeShare::scheme)
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
