/// The page of `marlin report`: HTML and SVG in one file that needs no script and no network.
@NullMarked
package io.metalmarlin.cli.page;

import org.jspecify.annotations.NullMarked;
