/// Models: pieces to ids.
@NullMarked
package io.metalmarlin.runtime.text.model;

import org.jspecify.annotations.NullMarked;
