package io.metalmarlin.runtime.decode;

import io.metalmarlin.runtime.model.ModelSpec.Block;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.ArrayList;
import java.util.List;

/// A place inside a block: right before the products of one stage of one branch.
///
/// @param linears of that stage
public record Place(int block, int branch, int stage, List<Linear> linears) {
  public Place {
    linears = List.copyOf(linears);
  }

  /// The places of a block in the order in which tokens come by.
  public static List<Place> of(Block block) {
    List<Place> all = new ArrayList<>();
    for (int b = 0; b < block.branches().size(); b++) {
      List<List<Linear>> stages = block.branches().get(b).mixer().stages();
      for (int s = 0; s < stages.size(); s++) {
        all.add(new Place(block.index(), b, s, stages.get(s)));
      }
    }
    return all;
  }

  /// The input groups of its linears, in running order.
  public List<String> inputGroups() {
    return linears.stream().map(Linear::inputGroup).distinct().toList();
  }
}
