/// Scalar codecs of the small number formats, exact to the last bit; every code is tested.
@NullMarked
package io.metalmarlin.formats.number;

import org.jspecify.annotations.NullMarked;
