/// What each weight's rounding costs at the model's output, and which scheme each should get.
@NullMarked
package io.metalmarlin.quant.sensitivity;

import org.jspecify.annotations.NullMarked;
