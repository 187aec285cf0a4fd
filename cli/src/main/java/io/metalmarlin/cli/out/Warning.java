package io.metalmarlin.cli.out;

/// Something the user should know although the command went on.
///
/// @param code stable, for example `W104`
/// @param where flag, file or module
public record Warning(String code, String where, String message) {}
