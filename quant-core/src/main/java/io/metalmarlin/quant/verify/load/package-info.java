/// What each program makes of each family of checkpoints: one file per program, all of them listed
/// in Loadings.ALL.
@NullMarked
package io.metalmarlin.quant.verify.load;

import org.jspecify.annotations.NullMarked;
