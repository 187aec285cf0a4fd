/// Text of a template to its syntax tree: Jinja's grammar with `trim_blocks` and `lstrip_blocks`.
@NullMarked
package io.metalmarlin.runtime.template.syntax;

import org.jspecify.annotations.NullMarked;
