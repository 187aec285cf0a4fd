/// Strings and ids, both ways.
@NullMarked
package io.metalmarlin.runtime.text.vocabulary;

import org.jspecify.annotations.NullMarked;
