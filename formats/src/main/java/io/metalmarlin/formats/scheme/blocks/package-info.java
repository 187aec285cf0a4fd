/// The ggml block types that are plain grids, as layout-free matrices and back, and their packings.
@NullMarked
package io.metalmarlin.formats.scheme.blocks;

import org.jspecify.annotations.NullMarked;
