/// Drives a plan block by block: journal, resume, reports, atomic publish.
@NullMarked
package io.metalmarlin.quant.job;

import org.jspecify.annotations.NullMarked;
