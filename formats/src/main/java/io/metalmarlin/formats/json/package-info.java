/// JSON files: bounded reading of untrusted ones, writing in the style of Python's `json.dumps`.
@NullMarked
package io.metalmarlin.formats.json;

import org.jspecify.annotations.NullMarked;
