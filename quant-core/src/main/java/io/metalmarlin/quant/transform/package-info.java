/// Function-preserving changes of basis or scale.
@NullMarked
package io.metalmarlin.quant.transform;

import org.jspecify.annotations.NullMarked;
