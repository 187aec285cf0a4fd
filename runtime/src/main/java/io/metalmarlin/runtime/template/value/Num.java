package io.metalmarlin.runtime.template.value;

/// A number; in Python truth values are numbers, too.
public sealed interface Num extends Value permits Bool, Int, Real {
  double real();

  /// Whether it has no fraction by its type.
  default boolean whole() {
    return !(this instanceof Real);
  }

  /// The value of a whole number.
  long integer();

  @Override
  default boolean truthy() {
    return real() != 0;
  }

  /// Equality across the three types.
  static boolean same(Num a, Object other) {
    if (!(other instanceof Num b)) {
      return false;
    }
    if (a.whole() && b.whole()) {
      return a.integer() == b.integer();
    }
    return a.real() == b.real() && (!a.whole() || exact(a)) && (!b.whole() || exact(b));
  }

  /// A hash that goes with [#same].
  static int hash(Num n) {
    return n.real() == 0 ? 0 : Double.hashCode(n.real());
  }

  private static boolean exact(Num n) {
    return n.real() < 0x1p63 && (long) n.real() == n.integer();
  }
}
