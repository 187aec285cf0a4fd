package io.metalmarlin.quant.verify;

import java.io.IOException;
import java.util.List;

/// One way in which a good pack is spoilt, and the finding it must cause.
///
/// @param name what is wrong with it
/// @param code of the check that must see it
/// @param severity of the finding
/// @param pack `TOOL/NAME` of the pack it is done to
/// @param target who is to load it; empty for nobody in particular
/// @param tp devices
/// @param words what the line must say
record Defect(
    String name,
    String code,
    Severity severity,
    String pack,
    String target,
    int tp,
    List<String> words,
    Damage damage) {
  /// Changes the folder of a good pack.
  @FunctionalInterface
  interface Damage {
    void to(PackFolder pack) throws IOException;
  }

  static Defect error(String name, String code, String pack, List<String> words, Damage damage) {
    return new Defect(name, code, Severity.ERROR, pack, "", 1, words, damage);
  }

  static Defect warning(String name, String code, String pack, List<String> words, Damage damage) {
    return new Defect(name, code, Severity.WARNING, pack, "", 1, words, damage);
  }

  /// The same for a target.
  Defect forTarget(String who) {
    return new Defect(name, code, severity, pack, who, tp, words, damage);
  }

  /// The same split over devices.
  Defect over(int devices) {
    return new Defect(name, code, severity, pack, target, devices, words, damage);
  }

  @Override
  public String toString() {
    return code + ": " + name + (target.isEmpty() ? "" : " for " + target);
  }
}
