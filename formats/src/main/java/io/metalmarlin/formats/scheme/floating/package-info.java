/// FP8 and microscaling (MXFP4, MXFP8): the layouts of compressed-tensors, ModelOpt and native FP8
/// checkpoints, and how their producers round.
@NullMarked
package io.metalmarlin.formats.scheme.floating;

import org.jspecify.annotations.NullMarked;
