package io.metalmarlin.quant.verify.check;

import io.metalmarlin.quant.verify.Check;
import io.metalmarlin.quant.verify.Findings;
import io.metalmarlin.quant.verify.StoredFiles;
import io.metalmarlin.quant.verify.Subject;

/// Every file that a loader opens is there, whole and sound; there is at least one.
public final class ShardsReadable implements Check {
  @Override
  public String code() {
    return "file";
  }

  @Override
  public void look(Subject subject, Findings findings) {
    if (subject.files().isEmpty()) {
      return;
    }
    StoredFiles files = subject.files().get();
    files
        .broken()
        .forEach((name, e) -> findings.error(name, String.valueOf(e.getMessage()), e.hint()));
    if (files.opened().isEmpty() && files.broken().isEmpty()) {
      findings.error(
          files.folder().toString(),
          "holds neither " + StoredFiles.SINGLE + " nor " + StoredFiles.INDEX + " nor a .gguf file",
          "Point to the folder of a checkpoint.");
    }
  }
}
