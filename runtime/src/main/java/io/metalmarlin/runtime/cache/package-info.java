/// How rows of keys and values are stored: number formats and their bytes, beside no device.
@NullMarked
package io.metalmarlin.runtime.cache;

import org.jspecify.annotations.NullMarked;
