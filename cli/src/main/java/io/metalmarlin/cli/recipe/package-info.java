/// Recipe files: the flags that decide what is made, as YAML.
@NullMarked
package io.metalmarlin.cli.recipe;

import org.jspecify.annotations.NullMarked;
