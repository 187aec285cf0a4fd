/// Opens a model's files, whatever container and dialect they are in.
@NullMarked
package io.metalmarlin.formats.open;

import org.jspecify.annotations.NullMarked;
