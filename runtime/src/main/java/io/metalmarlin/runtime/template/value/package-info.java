/// The closed set of values a chat template can hold, and the budget that bounds making them.
@NullMarked
package io.metalmarlin.runtime.template.value;

import org.jspecify.annotations.NullMarked;
