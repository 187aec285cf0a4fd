package io.metalmarlin.quant.verify;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// A version as its numbers: `0.33`, `5.18.0`. A missing number is 0.
public record Version(List<Integer> numbers) implements Comparable<Version> {
  /// @throws IllegalArgumentException for anything but numbers: for our own tables
  public static Version of(String text) {
    return parse(text).orElseThrow(() -> new IllegalArgumentException(text));
  }

  /// What a user typed, with or without a leading `v`; empty if it is no version.
  public static Optional<Version> parse(String text) {
    if (!text.matches("v?\\d{1,6}(\\.\\d{1,6}){0,4}")) {
      return Optional.empty();
    }
    String digits = text.startsWith("v") ? text.substring(1) : text;
    return Optional.of(
        new Version(Arrays.stream(digits.split("\\.")).map(Integer::valueOf).toList()));
  }

  /// Its first two numbers: 0.32.2 belongs to 0.32.
  public Version release() {
    return new Version(numbers.subList(0, Math.min(2, numbers.size())));
  }

  @Override
  public int compareTo(Version other) {
    for (int i = 0; i < Math.max(numbers.size(), other.numbers.size()); i++) {
      int order = Integer.compare(number(i), other.number(i));
      if (order != 0) {
        return order;
      }
    }
    return 0;
  }

  private int number(int i) {
    return i < numbers.size() ? numbers.get(i) : 0;
  }

  @Override
  public String toString() {
    return numbers.stream().map(String::valueOf).collect(Collectors.joining("."));
  }
}
