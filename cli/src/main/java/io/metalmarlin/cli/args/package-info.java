/// From what people type to the canonical flags: aliases, snake_case, suggestions, values with
/// units.
@NullMarked
package io.metalmarlin.cli.args;

import org.jspecify.annotations.NullMarked;
