/// One file per `model_type`; the list is Architectures.ALL.
@NullMarked
package io.metalmarlin.runtime.model.arch;

import org.jspecify.annotations.NullMarked;
