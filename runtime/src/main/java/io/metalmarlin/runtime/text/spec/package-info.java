/// Reading the parts of a tokenizer's description: typed fields, kinds by name, one way to refuse.
@NullMarked
package io.metalmarlin.runtime.text.spec;

import org.jspecify.annotations.NullMarked;
