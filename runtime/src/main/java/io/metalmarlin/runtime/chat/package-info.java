/// A conversation as the text a model was trained on: where its template lies, which tokens it
/// names, how messages become a prompt.
@NullMarked
package io.metalmarlin.runtime.chat;

import org.jspecify.annotations.NullMarked;
