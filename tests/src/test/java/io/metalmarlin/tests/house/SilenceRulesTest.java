package io.metalmarlin.tests.house;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/// Only cli speaks to the terminal and only cli ends the process.
@AnalyzeClasses(
    packages = "io.metalmarlin",
    importOptions = {ProductOnly.class})
class SilenceRulesTest {
  private static final String CLI = "io.metalmarlin.cli..";

  @ArchTest
  static final ArchRule only_cli_uses_the_standard_streams =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err")
          .orShould()
          .accessField(System.class, "in");

  @ArchTest
  static final ArchRule nobody_prints_a_stack_trace_outside_cli =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should()
          .callMethodWhere(
              target(owner(assignableTo(Throwable.class))).and(target(name("printStackTrace"))));

  @ArchTest
  static final ArchRule only_cli_ends_the_process =
      noClasses()
          .that()
          .resideOutsideOfPackage(CLI)
          .should()
          .callMethod(System.class, "exit", int.class)
          .orShould()
          .callMethodWhere(
              target(owner(assignableTo(Runtime.class)))
                  .and(target(describe("halt or exit", t -> t.getName().matches("halt|exit")))));

  @ArchTest
  static final ArchRule nobody_logs_behind_the_users_back =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.util.logging..", "org.slf4j..");
}
