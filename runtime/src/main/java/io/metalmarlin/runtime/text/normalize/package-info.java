/// Normalizers: text to text before it is cut.
@NullMarked
package io.metalmarlin.runtime.text.normalize;

import org.jspecify.annotations.NullMarked;
