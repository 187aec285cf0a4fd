/// Numeric grids (Scheme), layout-free quantized matrices and their byte layouts (Packing).
@NullMarked
package io.metalmarlin.formats.scheme;

import org.jspecify.annotations.NullMarked;
