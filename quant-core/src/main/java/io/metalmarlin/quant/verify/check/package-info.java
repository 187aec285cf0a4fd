/// One file per check of `marlin verify`; the list is Checks.ALL.
@NullMarked
package io.metalmarlin.quant.verify.check;

import org.jspecify.annotations.NullMarked;
