/// Helpers that every module's tests share; published as the formats test-jar.
@NullMarked
package io.metalmarlin.formats.testing;

import org.jspecify.annotations.NullMarked;
