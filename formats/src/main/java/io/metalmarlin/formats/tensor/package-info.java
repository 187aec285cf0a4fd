/// Element types and tensor descriptions: names, shapes and widths, without bytes.
@NullMarked
package io.metalmarlin.formats.tensor;

import org.jspecify.annotations.NullMarked;
