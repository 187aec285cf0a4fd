/// The MXFP4 layout of gpt-oss.
@NullMarked
package io.metalmarlin.formats.scheme.gptoss;

import org.jspecify.annotations.NullMarked;
