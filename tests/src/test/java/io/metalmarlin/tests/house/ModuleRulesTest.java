package io.metalmarlin.tests.house;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// Which module may see which: the picture in ARCHITECTURE.md as rules.
///
/// A rule about an empty room (metal before it has code) passes; that the other rooms are not empty
/// is checked by [RoomsTest].
@AnalyzeClasses(
    packages = "io.metalmarlin",
    importOptions = {ProductOnly.class})
class ModuleRulesTest {
  private static final String FORMATS = "io.metalmarlin.formats..";
  private static final String RUNTIME = "io.metalmarlin.runtime..";
  private static final String QUANT = "io.metalmarlin.quant..";
  private static final String CLI = "io.metalmarlin.cli..";
  private static final String METAL = "io.metalmarlin.metal..";
  private static final String CALIBRATION = "io.metalmarlin.calibration..";

  @ArchTest static final ArchRule formats_sees_no_other_module = room(FORMATS, FORMATS);

  @ArchTest static final ArchRule runtime_sees_only_formats = room(RUNTIME, FORMATS, RUNTIME);

  @ArchTest
  static final ArchRule quant_sees_only_runtime_and_formats = room(QUANT, FORMATS, RUNTIME, QUANT);

  @ArchTest
  static final ArchRule cli_names_no_class_of_the_plugged_in_modules =
      room(CLI, FORMATS, RUNTIME, QUANT, CLI);

  @ArchTest
  static final ArchRule metal_sees_only_runtime_and_formats = room(METAL, FORMATS, RUNTIME, METAL);

  @ArchTest
  static final ArchRule calibration_data_sees_only_runtime_and_formats =
      room(CALIBRATION, FORMATS, RUNTIME, CALIBRATION);

  /// Every package is a slice of its own, so that inside a module, too, nothing points back. Only a
  /// registry names what stands below it: that is its one line per new thing.
  @ArchTest
  static final ArchRule packages_form_no_cycle =
      slices()
          .matching("io.metalmarlin.(**)")
          .should()
          .beFreeOfCycles()
          .ignoreDependency(
              describe("a registry", c -> Registries.owners().contains(c.getName())), alwaysTrue());

  @ArchTest
  static final ArchRule nd4j_lives_in_quant_only =
      noClasses()
          .that(resideOutsideOfPackages(QUANT))
          .should()
          .dependOnClassesThat(resideInAnyPackage("org.nd4j..", "org.deeplearning4j.."))
          .because("ND4J holds calibration matrices and nothing else")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule bytedeco_is_seen_by_the_blas_binding_and_quant_only =
      noClasses()
          .that(resideOutsideOfPackages(QUANT, "io.metalmarlin.runtime.blas.."))
          .should()
          .dependOnClassesThat(resideInAPackage("org.bytedeco.."))
          .because("OpenBLAS is called through io.metalmarlin.runtime.blas")
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule formats_does_no_vector_arithmetic_but_where_bytes_need_it =
      noClasses()
          .that(resideInAPackage(FORMATS))
          .and(
              resideOutsideOfPackages(
                  "io.metalmarlin.formats.scheme.ggml..",
                  "io.metalmarlin.formats.scheme.blocks",
                  "io.metalmarlin.formats.scheme.gptq"))
          .should()
          .dependOnClassesThat(resideInAPackage("jdk.incubator.vector.."))
          .because(
              "formats knows bytes and numbers, kernels live in runtime; the search for a block's"
                  + " scales is part of its encoding, and the codes of GPTQ, AWQ and blocks are"
                  + " moved beside a scalar reference that a test compares");

  @ArchTest
  static final ArchRule picocli_is_seen_by_cli_only =
      noClasses()
          .that(resideOutsideOfPackages(CLI))
          .should()
          .dependOnClassesThat(resideInAPackage("picocli.."))
          .because("the command line is the business of cli");

  private static ArchRule room(String module, String... mayUse) {
    DescribedPredicate<JavaClass> ours = resideInAPackage("io.metalmarlin..");
    return noClasses()
        .that(resideInAPackage(module))
        .should()
        .dependOnClassesThat(ours.and(resideOutsideOfPackages(mayUse)))
        .because("data walks one way: formats <- runtime <- quant <- cli")
        .allowEmptyShould(true);
  }
}
