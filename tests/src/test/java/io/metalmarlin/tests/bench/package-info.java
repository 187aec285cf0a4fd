/// Benchmarks (JMH); each also has a `main` for a quick look without forks.
@NullMarked
package io.metalmarlin.tests.bench;

import org.jspecify.annotations.NullMarked;
