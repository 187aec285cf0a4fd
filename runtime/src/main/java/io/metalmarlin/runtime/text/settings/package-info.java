/// What stands beside a tokenizer file: `tokenizer_config.json` and `config.json`.
@NullMarked
package io.metalmarlin.runtime.text.settings;

import org.jspecify.annotations.NullMarked;
