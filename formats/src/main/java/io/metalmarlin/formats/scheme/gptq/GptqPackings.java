package io.metalmarlin.formats.scheme.gptq;

import io.metalmarlin.formats.scheme.GroupPacking;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Index;
import io.metalmarlin.formats.scheme.gptq.GptqPacking.Version;
import java.util.List;
import java.util.stream.Stream;

/// The layouts of GPTQ and AWQ that are tested: every width, version and kind of index.
public final class GptqPackings {
  public static final List<GroupPacking> ALL =
      Stream.concat(gptq(), Stream.concat(awq(), gemv())).toList();

  private GptqPackings() {}

  private static Stream<GroupPacking> gptq() {
    return GptqPacking.BITS.stream()
        .sorted()
        .flatMap(bits ->
            Stream.of(
                new GptqPacking(
                    new IntScheme(bits, 128, ScaleType.F16, Zero.NONE), Version.V1, Index.RUNS),
                new GptqPacking(
                    new IntScheme(bits, 32, ScaleType.BF16, Zero.POINT), Version.V1, Index.NONE),
                new GptqPacking(
                    new IntScheme(bits, GroupScheme.WHOLE, ScaleType.F16, Zero.POINT),
                    Version.V2,
                    Index.ACT_ORDER)));
  }

  private static Stream<GroupPacking> awq() {
    return Stream.of(
            new IntScheme(4, 128, ScaleType.F16, Zero.POINT),
            new IntScheme(4, 32, ScaleType.BF16, Zero.NONE),
            new IntScheme(4, GroupScheme.WHOLE, ScaleType.F16, Zero.POINT))
        .map(AwqPacking::new);
  }

  private static Stream<GroupPacking> gemv() {
    return Stream.of(
            new IntScheme(4, 128, ScaleType.F16, Zero.POINT),
            new IntScheme(4, 64, ScaleType.F16, Zero.NONE),
            new IntScheme(4, GroupScheme.WHOLE, ScaleType.BF16, Zero.POINT))
        .map(AwqGemvPacking::new);
  }
}
