package io.metalmarlin.quant.verify.load;

import io.metalmarlin.formats.model.Dialect;
import io.metalmarlin.formats.model.Dialects;
import java.util.List;

/// Our own runtime: whatever is read at all is loaded.
final class MarlinLoadings {
  static final List<Loading> ALL =
      Dialects.ALL.stream().map(Dialect::name).map(d -> Loading.loads("marlin", d)).toList();

  private MarlinLoadings() {}
}
