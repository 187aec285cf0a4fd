/// The byte layout of 2:4 sparse matrices, ours (`docs/formats/sparse24.md`).
@NullMarked
package io.metalmarlin.formats.scheme.sparse24;

import org.jspecify.annotations.NullMarked;
