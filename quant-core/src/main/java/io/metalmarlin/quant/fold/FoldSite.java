package io.metalmarlin.quant.fold;

import io.metalmarlin.runtime.decode.Place;
import io.metalmarlin.runtime.model.ModelSpec.Linear;
import java.util.List;
import java.util.stream.IntStream;

/// A place where the channels of an input can change their scale: what makes them is divided, what
/// reads them multiplied, and the function stays.
///
/// @param place where the input can be seen
/// @param inputGroup a group there that reads all of its tokens
/// @param channels that can be scaled
/// @param channelOf the channel of each column of the readers
/// @param makers tensors whose rows make the channels
/// @param readers every linear that reads them
public record FoldSite(
    Place place,
    String inputGroup,
    int channels,
    int[] channelOf,
    List<Maker> makers,
    List<Linear> readers) {
  /// @param tensor a norm's weight or bias, or a matrix or its bias
  /// @param channelOf the channel of each of its rows; -1 for none
  public record Maker(String tensor, int[] channelOf) {}

  /// Exponents of the channels as those of rows or columns.
  static int[] spread(int[] exponents, int[] channelOf, int sign) {
    return IntStream.of(channelOf).map(c -> c < 0 ? 0 : sign * exponents[c]).toArray();
  }

  /// Exponents of the readers' columns.
  public int[] columns(int[] exponents) {
    return spread(exponents, channelOf, 1);
  }
}
