/// One class per command: typed arguments in, an [io.metalmarlin.cli.command.Outcome] out.
@NullMarked
package io.metalmarlin.cli.command;

import org.jspecify.annotations.NullMarked;
