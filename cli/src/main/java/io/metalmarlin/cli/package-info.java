/// The command line: the only module that prints. One class per command; everything it says passes
/// through [io.metalmarlin.cli.out.Console], everything it returns is an
/// [io.metalmarlin.cli.command.Outcome].
@NullMarked
package io.metalmarlin.cli;

import org.jspecify.annotations.NullMarked;
