package io.metalmarlin.quant.solve;

import static org.assertj.core.api.Assertions.assertThat;

import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.ScaleType;
import io.metalmarlin.quant.solve.SolveOptions.ColumnOrder;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ColumnOrdersTest {
  @ParameterizedTest
  @CsvSource({"96,16", "90,16", "40,64", "300,128", "512,256"})
  void groupAwareOrderKeepsGroupsTogetherAndFollowsTheDefinition(int cols, int group) {
    Layer layer =
        Layer.of(cols, 1, cols, 50).withScheme(new IntScheme(4, group, ScaleType.BF16, Zero.NONE));
    double[] diagonal = IntStream.range(0, cols).mapToDouble(c -> layer.hessian()[c][c]).toArray();
    int[] order = ColumnOrders.lastToFirst(ColumnOrder.GAR, diagonal, Math.min(cols, group));
    int[] expected = Surgeon.order(layer, ColumnOrder.GAR);
    assertThat(IntStream.range(0, cols).map(p -> order[cols - 1 - p]).toArray())
        .isEqualTo(expected);
    assertThat(Arrays.stream(order).sorted().toArray())
        .isEqualTo(IntStream.range(0, cols).toArray());

    Cuts cuts = Cuts.betweenGroups(order, Math.min(cols, group));
    int groups = 0;
    for (int top = 0; top < cols; top++) {
      int from = cuts.groupFrom()[top];
      if (from >= 0) {
        groups++;
        assertThat(Arrays.stream(order, from, top + 1).map(c -> c / group).distinct()).hasSize(1);
      }
    }
    assertThat(groups).isEqualTo(Math.ceilDiv(cols, group));
    assertThat(cuts.leaves()).contains(cuts.blocks());
    for (int cut : cuts.leaves()) {
      assertThat(cut == 0 || cuts.groupFrom()[cut - 1] >= 0).as("cut at %d", cut).isTrue();
    }
    assertThat(cuts.widestBlock()).isLessThanOrEqualTo(Math.max(128, group));
    assertThat(cuts.widestLeaf()).isLessThanOrEqualTo(Math.max(32, group));
  }
}
