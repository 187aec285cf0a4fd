/// The embedded demo checkpoint and texts, described file by file in `manifest.json`.
@NullMarked
package io.metalmarlin.calibration;

import org.jspecify.annotations.NullMarked;
