/// Calibration windows, the hidden-state stream and the statistics of each linear input.
@NullMarked
package io.metalmarlin.quant.calibrate;

import org.jspecify.annotations.NullMarked;
