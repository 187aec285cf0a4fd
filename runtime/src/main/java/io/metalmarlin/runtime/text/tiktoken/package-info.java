/// Reading tiktoken's rank files.
@NullMarked
package io.metalmarlin.runtime.text.tiktoken;

import org.jspecify.annotations.NullMarked;
