/// The byte layout of trellis codes, ours (`docs/formats/trellis.md`).
@NullMarked
package io.metalmarlin.formats.scheme.trellis;

import org.jspecify.annotations.NullMarked;
