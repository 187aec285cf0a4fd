package io.metalmarlin.tests.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The architecture rules say nothing about classes that were not found; this says that they were.
class RoomsTest {
  @ParameterizedTest
  @ValueSource(strings = {"formats", "runtime", "quant", "cli", "calibration"})
  void the_rules_see_the_classes_of_every_module(String room) {
    assertThat(
            new ClassFileImporter()
                .withImportOption(new ProductOnly())
                .importPackages("io.metalmarlin." + room))
        .as("classes of io.metalmarlin.%s on the class path of the tests", room)
        .hasSizeGreaterThan(1);
  }
}
