/// What people and machines see of a result: each view makes the text and the JSON of one record.
@NullMarked
package io.metalmarlin.cli.view;

import org.jspecify.annotations.NullMarked;
