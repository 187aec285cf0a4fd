/// What was asked (Recipe) and what will happen (Plan), validated before the first byte.
@NullMarked
package io.metalmarlin.quant.plan;

import org.jspecify.annotations.NullMarked;
