/// FP-Quant: small floats of weights in a rotated basis.
@NullMarked
package io.metalmarlin.formats.scheme.fpquant;

import org.jspecify.annotations.NullMarked;
