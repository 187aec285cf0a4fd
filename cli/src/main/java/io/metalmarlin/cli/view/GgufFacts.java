package io.metalmarlin.cli.view;

import java.util.Optional;
import java.util.OptionalLong;

/// What only a GGUF file says about itself.
///
/// @param architecture `general.architecture`
/// @param fileType `general.file_type`, ggml's number for the mix of types
/// @param fileTypeName ggml's name for that number
public record GgufFacts(
    Optional<String> architecture, OptionalLong fileType, Optional<String> fileTypeName) {}
