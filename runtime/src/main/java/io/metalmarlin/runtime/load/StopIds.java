package io.metalmarlin.runtime.load;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.model.Model;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/// The tokens at which a model's text ends: `eos_token_id`, a number or a list, of
/// `generation_config.json` where that file has it, else of `config.json`.
final class StopIds {
  private StopIds() {}

  /// @param file `generation_config.json`, for messages
  /// @param generation its content
  /// @throws MarlinException `CONFIG_MALFORMED` when the key is there and is neither
  static Set<Integer> of(Model model, Path file, JsonNode generation) {
    JsonNode own = generation.get("eos_token_id");
    if (own != null && !own.isNull()) {
      return parse(file, own);
    }
    JsonNode ids = model.config().root().get("eos_token_id");
    return ids == null || ids.isNull() ? Set.of() : parse(model.config().file(), ids);
  }

  private static Set<Integer> parse(Path file, JsonNode ids) {
    Set<Integer> all = new TreeSet<>();
    for (JsonNode n : ids.isArray() ? ids.values() : Set.of(ids)) {
      if (!n.isIntegralNumber() || !n.canConvertToInt()) {
        throw new MarlinException(
            ErrorCode.CONFIG_MALFORMED,
            file.toString(),
            "key \"eos_token_id\" should be a token id or a list of them, it is " + ids,
            "Correct it by hand, or download the file again.");
      }
      all.add(n.intValue());
    }
    return all;
  }
}
