package io.metalmarlin.runtime.cpu.simd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeModel;
import java.lang.classfile.Label;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.LabelTarget;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// A vector that a method returns out of its loop is an object, and the compiler then makes one in
/// every turn unless it happens to inline the method: Q4_0 decoding took twice as long in most
/// runs.
class VectorLoopsTest {
  /// They run once.
  private static final Set<String> TABLES = Set.of("Lanes.byteShifts", "SimdHadamard.signs");

  @Test
  void no_kernel_returns_a_vector_out_of_a_loop() throws IOException, URISyntaxException {
    Path folder = Path.of(Lanes.class.getResource("Lanes.class").toURI()).getParent();
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).sorted().toList()) {
        for (var method : ClassFile.of().parse(file).methods()) {
          if (method.methodTypeSymbol().returnType().displayName().endsWith("Vector")
              && method.code().filter(VectorLoopsTest::loops).isPresent()) {
            String type = file.getFileName().toString().replace(".class", "");
            found.add(type + "." + method.methodName().stringValue());
          }
        }
      }
    }
    assertThat(found).containsExactlyInAnyOrderElementsOf(TABLES);
  }

  private static boolean loops(CodeModel code) {
    Set<Label> passed = new HashSet<>();
    for (CodeElement e : code) {
      if (e instanceof LabelTarget t) {
        passed.add(t.label());
      } else if (e instanceof BranchInstruction b && passed.contains(b.target())) {
        return true;
      }
    }
    return false;
  }
}
