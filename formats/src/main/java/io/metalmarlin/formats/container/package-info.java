/// File kinds: recognise, open, create.
@NullMarked
package io.metalmarlin.formats.container;

import org.jspecify.annotations.NullMarked;
