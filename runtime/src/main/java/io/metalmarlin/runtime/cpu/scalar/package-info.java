/// The obvious loops: the specification of every kernel, and the reference backend of the tests.
@NullMarked
package io.metalmarlin.runtime.cpu.scalar;

import org.jspecify.annotations.NullMarked;
