package io.metalmarlin.runtime.cpu.kernel;

import io.metalmarlin.formats.scheme.BlockScheme;
import io.metalmarlin.formats.scheme.GroupScheme;
import io.metalmarlin.formats.scheme.GroupScheme.Zero;
import io.metalmarlin.formats.scheme.IntScheme;
import io.metalmarlin.formats.scheme.Scheme;
import io.metalmarlin.formats.scheme.Sparse24Scheme;
import io.metalmarlin.formats.scheme.TrellisScheme;
import io.metalmarlin.formats.scheme.codebook.CodebookScheme;
import io.metalmarlin.formats.tensor.DType;

/// The schemes whose codes the vector kernels multiply as they are stored. Without vector types, so
/// that a command that computes nothing may ask.
public final class DirectSchemes {
  private static final int SMALLEST_GROUP = 16;

  private DirectSchemes() {}

  /// Whether any kernel does.
  public static boolean any(Scheme scheme) {
    return nvfp4(scheme)
        || integers(scheme)
        || sparse24(scheme)
        || blocks(scheme)
        || codebook(scheme)
        || trellis(scheme);
  }

  /// The block types of ggml that are 32 integers behind one scale.
  public static boolean blocks(Scheme scheme) {
    return scheme instanceof BlockScheme s && (s.type() == DType.Q8_0 || s.type() == DType.Q4_0);
  }

  /// NVFP4, with or without a tensor scale.
  public static boolean nvfp4(Scheme scheme) {
    return scheme.name().equals("nvfp4") || scheme.name().equals("nvfp4-single");
  }

  /// Integers whose width and groups are powers of two.
  public static boolean integers(Scheme scheme) {
    return scheme instanceof IntScheme s
        && Integer.bitCount(s.bits()) == 1
        && (s.groupSize() == GroupScheme.WHOLE
            || s.groupSize() >= SMALLEST_GROUP && Integer.bitCount(s.groupSize()) == 1);
  }

  /// Codebooks whose groups begin with a byte.
  public static boolean codebook(Scheme scheme) {
    return scheme instanceof CodebookScheme s && wholeBytes(s.groupSize());
  }

  /// Trellis codes whose groups begin with a byte.
  public static boolean trellis(Scheme scheme) {
    return scheme instanceof TrellisScheme s && wholeBytes(s.groupSize());
  }

  private static boolean wholeBytes(int groupSize) {
    return groupSize == GroupScheme.WHOLE || groupSize % 8 == 0;
  }

  /// 2:4 sparse matrices whose kept columns are NVFP4 or symmetric 4-bit integers. A group holds
  /// the kept columns of eight quads or more, so that eight lanes share a scale.
  public static boolean sparse24(Scheme scheme) {
    return scheme instanceof Sparse24Scheme s
        && (nvfp4(s.values())
            || s.values() instanceof IntScheme i
                && i.bits() == 4
                && i.zero() == Zero.NONE
                && i.groupSize() >= SMALLEST_GROUP
                && integers(i));
  }
}
