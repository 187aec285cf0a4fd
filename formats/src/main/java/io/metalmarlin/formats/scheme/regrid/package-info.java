/// Between grids: carries a packed matrix to another scheme when that changes no value.
@NullMarked
package io.metalmarlin.formats.scheme.regrid;

import org.jspecify.annotations.NullMarked;
