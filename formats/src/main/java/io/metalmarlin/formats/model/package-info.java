/// Neutral weight names, checkpoint configuration and the dialects that spell them.
@NullMarked
package io.metalmarlin.formats.model;

import org.jspecify.annotations.NullMarked;
