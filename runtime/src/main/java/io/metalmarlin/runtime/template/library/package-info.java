/// What a chat template may call: operators, methods, filters, tests and functions, each with
/// Python's and Jinja's results.
@NullMarked
package io.metalmarlin.runtime.template.library;

import org.jspecify.annotations.NullMarked;
