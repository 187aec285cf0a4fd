package io.metalmarlin.formats.scheme.ggml;

/// Whether the kernels of [VectorKernels] may be loaded.
final class VectorSupport {
  private VectorSupport() {}

  /// The vector module is there only if the virtual machine was started with it.
  static boolean usable() {
    return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent() && Lanes.COUNT >= 4;
  }
}
