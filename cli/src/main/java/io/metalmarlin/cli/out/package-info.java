/// Streams, terminal, JSON envelope, error text and tables.
@NullMarked
package io.metalmarlin.cli.out;

import org.jspecify.annotations.NullMarked;
