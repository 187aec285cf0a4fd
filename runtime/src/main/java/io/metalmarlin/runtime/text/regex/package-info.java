/// Regular expressions of tokenizers, translated and run with a bound on their steps.
@NullMarked
package io.metalmarlin.runtime.text.regex;

import org.jspecify.annotations.NullMarked;
