package io.metalmarlin.runtime.text.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The heap against the definition: look for the best pair, merge it, begin again.
class BpeMergerTest {
  @Test
  void theHeapMergesAsTheDefinitionSays() {
    Random random = new Random(42);
    for (int round = 0; round < 300; round++) {
      MergeTable rules = rules(random, 4, 40);
      BpeMerger merger = new BpeMerger(rules);
      for (int length : new int[] {0, 1, 2, 3, 7, 64, 200}) {
        int[] ids = random.ints(length, 0, 4).toArray();
        List<Integer> expected = naive(ids, rules);
        int kept = merger.merge(ids, length);
        assertThat(Arrays.stream(ids, 0, kept).boxed().toList()).isEqualTo(expected);
      }
    }
  }

  @Test
  void anUnknownPairIsNotFoundWhateverElseIsInTheTable() {
    MergeTable rules = new MergeTable(3);
    rules.put(0, 0, 0, 9);
    rules.put(1, 0, 1, 10);
    rules.put(0, 1, 2, 11);
    assertThat(rules.find(1, 0)).isEqualTo(1L << 32 | 10);
    assertThat(rules.find(1, 1)).isEqualTo(MergeTable.NONE);
  }

  @Test
  void theLastRankOfAPairCounts() {
    MergeTable rules = new MergeTable(2);
    rules.put(1, 2, 0, 9);
    rules.put(1, 2, 1, 9);
    assertThat(rules.find(1, 2)).isEqualTo(1L << 32 | 9);
  }

  /// Rules over an alphabet, each making a new symbol out of two older ones.
  private static MergeTable rules(Random random, int alphabet, int count) {
    MergeTable table = new MergeTable(count);
    List<Integer> ranks = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ranks.add(i);
    }
    Collections.shuffle(ranks, random);
    for (int i = 0; i < count; i++) {
      int symbols = alphabet + i;
      int left = random.nextInt(symbols);
      int right = random.nextInt(symbols);
      if (table.find(left, right) == MergeTable.NONE) {
        table.put(left, right, ranks.get(i), alphabet + i);
      }
    }
    return table;
  }

  private static List<Integer> naive(int[] ids, MergeTable rules) {
    List<Integer> symbols = new ArrayList<>(Arrays.stream(ids).boxed().toList());
    while (true) {
      long best = Long.MAX_VALUE;
      int at = -1;
      for (int i = 0; i + 1 < symbols.size(); i++) {
        long rule = rules.find(symbols.get(i), symbols.get(i + 1));
        if (rule != MergeTable.NONE && rule >>> 32 < best >>> 32) {
          best = rule;
          at = i;
        }
      }
      if (at < 0) {
        return symbols;
      }
      symbols.set(at, (int) best);
      symbols.remove(at + 1);
    }
  }
}
