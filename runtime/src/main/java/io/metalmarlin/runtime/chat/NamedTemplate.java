package io.metalmarlin.runtime.chat;

/// The text of a template, not yet parsed.
///
/// @param name `default`, `tool_use`, ...
/// @param where the file it comes from
record NamedTemplate(String name, String where, String text) {
  static final String DEFAULT = "default";
  static final String TOOL_USE = "tool_use";
}
