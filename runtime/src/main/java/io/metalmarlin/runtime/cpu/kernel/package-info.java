/// What the CPU backend is made of: one interface per inner loop, over native memory and byte
/// offsets. Each has a scalar class that is its specification and a fast class tested against it.
@NullMarked
package io.metalmarlin.runtime.cpu.kernel;

import org.jspecify.annotations.NullMarked;
