package io.metalmarlin.tests.outliers;

import java.util.Random;
import java.util.stream.IntStream;

/// How uneven the channels of an input become.
///
/// Large models have a few channels that are 10 to 100 times as large as the others, the same ones
/// in every layer (Dettmers et al. 2022, arXiv 2208.07339: up to 20 times, in all layers; Xiao et
/// al. 2022, arXiv 2211.10438: about 100 times), while the rest spreads over about a factor of two
/// either way. Here one channel of 64 is 16, 32 or 64 times as large and the logarithms of the
/// others are normal. All factors are powers of two, which change no digit of a weight.
///
/// @param seed chooses the channels
/// @param spread standard deviation of the others' binary logarithms, before rounding
public record OutlierProfile(long seed, double spread) {
  private static final int CHANNELS_PER_OUTLIER = 64;
  private static final int SMALLEST = 4;
  private static final int LARGEST = 6;

  /// The profile of seed `seed` with a spread of a factor of two.
  public static OutlierProfile of(long seed) {
    return new OutlierProfile(seed, 1);
  }

  /// The binary logarithms of the channels' factors.
  ///
  /// @param stream outliers are the same channels for all sites of a stream, as those of the hidden
  ///   state are in a model
  /// @param site every site has a spread of its own
  public int[] exponents(String stream, String site, int channels) {
    Random rest = new Random(mix(seed, site));
    int[] exponents =
        IntStream.range(0, channels)
            .map(c -> (int) Math.rint(spread * rest.nextGaussian()))
            .toArray();
    Random chosen = new Random(mix(seed, stream));
    int outliers = Math.max(1, channels / CHANNELS_PER_OUTLIER);
    for (int i = 0; i < outliers; i++) {
      exponents[chosen.nextInt(channels)] = SMALLEST + chosen.nextInt(LARGEST - SMALLEST + 1);
    }
    return exponents;
  }

  private static long mix(long seed, String name) {
    return seed * 0x9E3779B97F4A7C15L + name.hashCode();
  }
}
