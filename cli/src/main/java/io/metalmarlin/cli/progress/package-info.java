/// How far a long command is: one live line on a terminal, one line per block elsewhere.
@NullMarked
package io.metalmarlin.cli.progress;

import org.jspecify.annotations.NullMarked;
