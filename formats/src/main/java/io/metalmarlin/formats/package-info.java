/// Bytes in, bytes out: number formats, packings, containers and dialects.
///
/// Knows no model, no mathematics library and no device. Start with {@link
/// io.metalmarlin.formats.container.Checkpoint} (what a file holds) and {@link
/// io.metalmarlin.formats.scheme.Packing} (how one matrix lies in it).
@NullMarked
package io.metalmarlin.formats;

import org.jspecify.annotations.NullMarked;
