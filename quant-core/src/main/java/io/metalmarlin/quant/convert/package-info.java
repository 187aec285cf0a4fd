/// Conversion between dialects: a plan of keep, repack, requantize and dequantize steps, and the
/// job that runs it.
@NullMarked
package io.metalmarlin.quant.convert;

import org.jspecify.annotations.NullMarked;
