package io.metalmarlin.calibration;

import java.nio.file.Path;

/// Unpacks the demo into the folder given, for tests that need a second process.
final class UnpackDemo {
  private UnpackDemo() {}

  public static void main(String[] arguments) {
    new DemoCheckpoint().unpack(Path.of(arguments[0]));
  }
}
