/// GPTQ and AWQ: integers packed along the input or the output of a transposed matrix.
@NullMarked
package io.metalmarlin.formats.scheme.gptq;

import org.jspecify.annotations.NullMarked;
