package io.metalmarlin.runtime.source;

import java.nio.file.Path;
import java.util.Optional;

/// Where a model named by the user lies.
///
/// @param folder the model folder, or the file if the user named a file
/// @param description where it was found, for the user
/// @param repository `org/name` of a model found in the Hugging Face cache
/// @param revision the commit of that snapshot
public record ResolvedModel(
    Path folder, String description, Optional<String> repository, Optional<String> revision) {}
