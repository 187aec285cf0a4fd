/// Where a model is found: a folder, the embedded demo, the local Hugging Face cache, the hub.
@NullMarked
package io.metalmarlin.runtime.source;

import org.jspecify.annotations.NullMarked;
