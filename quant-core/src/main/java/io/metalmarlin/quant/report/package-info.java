/// What an output folder says about itself: `report.json` and the manifest read back, checked, and
/// summed up by layer and role.
@NullMarked
package io.metalmarlin.quant.report;

import org.jspecify.annotations.NullMarked;
