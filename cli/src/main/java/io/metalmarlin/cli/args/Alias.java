package io.metalmarlin.cli.args;

import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// Another tool's spelling of one of our flags.
///
/// @param name as typed, for example `--nsamples`
/// @param commands the commands that accept it
/// @param takesValue whether the next argument belongs to it
/// @param replacement the canonical arguments for a value (empty text for a switch); may refuse
record Alias(
    String name,
    Set<String> commands,
    boolean takesValue,
    Function<String, List<String>> replacement) {}
