/// Opens a model folder: checkpoint, configuration, dialect and declaration, checked against each
/// other before anything runs.
@NullMarked
package io.metalmarlin.runtime.load;

import org.jspecify.annotations.NullMarked;
