package io.metalmarlin.calibration;

import io.metalmarlin.runtime.text.CorpusProvider;
import io.metalmarlin.runtime.text.TextFiles;
import java.util.List;

/// A corpus that is one JSON Lines file of this jar, `text/NAME.jsonl`.
abstract class EmbeddedCorpus implements CorpusProvider {
  private final String name;
  private final Manifest.Entry entry;

  EmbeddedCorpus(String name) {
    this.name = name;
    this.entry = Manifest.load().entry("text/" + name + ".jsonl");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<String> documents() {
    return TextFiles.jsonLines("embedded:" + name, entry.read());
  }

  @Override
  public String sha256() {
    return entry.sha256();
  }

  @Override
  public String licence() {
    return entry.licence();
  }
}
