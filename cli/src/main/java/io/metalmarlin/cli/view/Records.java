package io.metalmarlin.cli.view;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/// Records as JSON with the keys that all of our JSON has: `kld_at_most` for `kldAtMost`.
public final class Records {
  public static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private Records() {}
}
