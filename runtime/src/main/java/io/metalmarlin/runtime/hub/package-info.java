/// Models of a Hugging Face hub: what a name means, which files are needed, and their download into
/// the cache that huggingface_hub shares. Knows no formats beyond file names, and runs nothing.
@NullMarked
package io.metalmarlin.runtime.hub;

import org.jspecify.annotations.NullMarked;
