package io.metalmarlin.tests.house;

import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import io.metalmarlin.formats.scheme.BlockPacking;
import io.metalmarlin.formats.scheme.BlockScheme;
import io.metalmarlin.formats.scheme.ColumnScaledPacking;
import io.metalmarlin.formats.scheme.FloatScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Packing;
import io.metalmarlin.formats.scheme.Packings;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.formats.scheme.blocks.GroupedBlockPacking;
import io.metalmarlin.formats.scheme.blocks.ScaledNvfp4;
import io.metalmarlin.formats.scheme.codebook.CodebookPacking;
import io.metalmarlin.formats.scheme.floating.Fp8Packing;
import io.metalmarlin.formats.scheme.floating.MxPacking;
import io.metalmarlin.formats.scheme.fpquant.FpQuantPacking;
import io.metalmarlin.formats.scheme.ggml.BlockCodecs;
import io.metalmarlin.formats.scheme.ggml.BlockForm;
import io.metalmarlin.formats.scheme.gptoss.GptOssMxfp4;
import io.metalmarlin.formats.scheme.gptq.AwqGemvPacking;
import io.metalmarlin.formats.scheme.gptq.AwqPacking;
import io.metalmarlin.formats.scheme.gptq.GptqPacking;
import io.metalmarlin.formats.scheme.integer.IntQuantized;
import io.metalmarlin.formats.scheme.integer.ModelOptInt4;
import io.metalmarlin.formats.scheme.integer.PackQuantized;
import io.metalmarlin.formats.scheme.mlx.MlxAffine;
import io.metalmarlin.formats.scheme.mlx.MlxFloat;
import io.metalmarlin.formats.scheme.nvfp4.CompressedTensorsNvfp4;
import io.metalmarlin.formats.scheme.nvfp4.ModelOptNvfp4;
import io.metalmarlin.formats.scheme.sparse24.Sparse24Packing;
import io.metalmarlin.formats.scheme.trellis.TrellisPacking;
import io.metalmarlin.formats.tensor.DType;
import io.metalmarlin.runtime.backend.Backend;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// `docs/formats/COVERAGE.md`: which layout is read, written, run by a kernel of its own, and what
/// outside of our code says that it is right. All but the last column is asked of the registries;
/// what the last one names must exist.
final class Coverage {
  /// Who says that a class of packings is right: tests that compare with bytes, values or programs
  /// of others, or with a decoder written from the published layout.
  ///
  /// @param tests names of test classes, each in a file of its own
  /// @param stages modules and functions that `tests/oracle/stage.py` calls: what other people's
  ///   programs read of ours
  record Proof(List<String> tests, List<String> stages) {}

  static final Map<Class<? extends Packing>, Proof> PROOFS = proofs();

  private Coverage() {}

  private static Map<Class<? extends Packing>, Proof> proofs() {
    Map<Class<? extends Packing>, Proof> p = new LinkedHashMap<>();
    p.put(
        CompressedTensorsNvfp4.class,
        proof("PeerPackTest, GoldenVectorTest", "check weights", "check opens"));
    p.put(PackQuantized.class, proof("PeerValuesTest, PeerRoundingTest", "formats ct"));
    p.put(IntQuantized.class, proof("PeerValuesTest"));
    p.put(MxPacking.class, proof("PeerValuesTest", "formats ct"));
    p.put(Fp8Packing.class, proof("PeerValuesTest", "formats ct"));
    p.put(ModelOptNvfp4.class, proof("PeerPackTest, GoldenVectorTest", "check modelopt"));
    p.put(ModelOptInt4.class, proof("PeerValuesTest"));
    p.put(ColumnScaledPacking.class, proof("PeerValuesTest"));
    p.put(MlxAffine.class, proof("MlxPackTest", "formats mlx"));
    p.put(MlxFloat.class, proof("MlxPackTest", "formats mlx"));
    p.put(GptqPacking.class, proof("GptqPackTest", "formats gptq"));
    p.put(AwqPacking.class, proof("GptqPackTest", "formats awq"));
    p.put(AwqGemvPacking.class, proof("AutoRoundDialectTest"));
    p.put(FpQuantPacking.class, proof("FpQuantDialectTest"));
    p.put(GptOssMxfp4.class, proof("GptOssDialectTest"));
    p.put(Sparse24Packing.class, proof("Sparse24PackingTest"));
    p.put(CodebookPacking.class, proof("CodebookPackingTest"));
    p.put(TrellisPacking.class, proof("TrellisPackingTest"));
    p.put(ScaledNvfp4.class, proof("GroupedBlocksTest", "formats gguf", "formats llama"));
    p.put(GroupedBlockPacking.class, proof("GroupedBlocksTest", "formats gguf", "formats llama"));
    p.put(
        BlockPacking.class,
        proof("GoldenDecodeTest, GoldenEncodeTest", "formats gguf", "formats llama"));
    return p;
  }

  private static Proof proof(String tests, String... stages) {
    return new Proof(List.of(tests.split(", ")), List.of(stages));
  }

  /// The page.
  static String page(Backend backend) {
    StringBuilder s = new StringBuilder();
    s.append("# Formats: what is read, written, run and proven\n\n");
    s.append("Generated from the registries by `CoverageTest`; do not edit. Regenerate with\n");
    s.append("`mvn -pl tests -am test -Dtest=CoverageTest -Dsurefire.failIfNoSpecifiedTests=false");
    s.append(" -Dmarlin.update=true`.\n\n");
    s.append("Every packing also passes the registry's conformance tests: round trip of random");
    s.append(" codes and scales, every code under every\nscale against the definition, sizes,");
    s.append(
        " zeros. Bits per weight are those of the tested group size. *Kernel*: products of few rows read the stored codes directly; the others\n");
    s.append(
        "are decoded row by row in vectors. *Oracle*: tests that compare with bytes, values or");
    s.append(
        " programs of others, or with a decoder\nwritten from the published layout; `check` and");
    s.append(
        " `formats` are stages of `tests/oracle/run`, in which the program that owns the\nformat");
    s.append(" reads what we wrote.\n\n");
    s.append("| layout | grid | bits per weight | read in | written in | kernel | oracle |\n");
    s.append("|---|---|---|---|---|---|---|\n");
    Map<String, Row> rows = new LinkedHashMap<>();
    for (Packing p : Packings.ALL) {
      rows.computeIfAbsent(layout(p) + kind(p.scheme()), k -> new Row(p)).add(p, backend);
    }
    rows.values().forEach(r -> s.append(r.line()));
    s.append(
        "\nContainers: safetensors (all 22 element types; one file, or shards with an index),");
    s.append(" GGUF (versions 2 and 3, both byte\norders, split files; written: version 3, little");
    s.append(" endian).\n");
    return s.toString();
  }

  private static String layout(Packing p) {
    return p.name().replaceFirst("-(int\\d|fp\\d).*", "").replaceFirst("^grouped-", "");
  }

  /// The grid without group and scale type.
  private static String kind(Scheme scheme) {
    return switch (scheme) {
      case IntScheme s ->
          "int"
              + s.bits()
              + switch (s.zero()) {
                case NONE -> "";
                case POINT -> " asymmetric";
                case BIAS -> " affine";
              };
      case FloatScheme s -> s.name().replaceFirst("-(bf16|f16|f32)$", "");
      case GroupScheme s -> s.name();
      case BlockScheme s -> s.type().name();
      case TrellisScheme s -> s.name().replaceFirst("-(bf16|f16|f32)$", "");
      case Sparse24Scheme s -> "2:4 of " + kind(s.values());
    };
  }

  private static final class Row {
    private final Packing first;
    private final Set<String> written = new LinkedHashSet<>();
    private boolean fused;

    Row(Packing first) {
      this.first = first;
    }

    void add(Packing p, Backend backend) {
      fused |= backend.fused(p.scheme());
      for (Dialect d : Dialects.ALL) {
        for (DType model : List.of(DType.BF16, DType.F16, DType.F32)) {
          boolean same =
              d.packingFor(p.scheme(), model)
                  .filter(w -> w.getClass() == p.getClass() && layout(w).equals(layout(p)))
                  .isPresent();
          boolean encodes = !(p instanceof BlockPacking b) || written(b.type());
          if (same && encodes) {
            written.add(d.name());
          }
        }
      }
    }

    private static boolean written(DType type) {
      return BlockCodecs.of(type).writes() || BlockForm.of(type).isPresent();
    }

    String line() {
      Proof proof = PROOFS.get(first.getClass());
      List<String> cells = new ArrayList<>();
      cells.add(layout(first));
      cells.add(kind(first.scheme()));
      cells.add("%.2f".formatted(first.scheme().bitsPerWeight(4096, 4096)));
      cells.add(
          Dialects.ALL.stream()
              .filter(d -> d.packings().contains(first.getClass()))
              .map(Dialect::name)
              .collect(Collectors.joining(", ")));
      cells.add(written.isEmpty() ? "-" : String.join(", ", written));
      cells.add(fused ? "yes" : "-");
      cells.add(
          Stream.concat(proof.tests().stream(), proof.stages().stream())
              .collect(Collectors.joining(", ")));
      return "| " + String.join(" | ", cells) + " |\n";
    }
  }
}
