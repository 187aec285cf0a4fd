/// NVFP4: 4-bit E2M1 codes, one E4M3 scale per 16 columns, one fp32 scale per tensor, in the two
/// layouts that serving runtimes load.
@NullMarked
package io.metalmarlin.formats.scheme.nvfp4;

import org.jspecify.annotations.NullMarked;
