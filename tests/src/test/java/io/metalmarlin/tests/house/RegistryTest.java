package io.metalmarlin.tests.house;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import io.metalmarlin.tests.house.Registries.Registry;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A new thing that was written but not entered in its list would never be read, written or tested:
/// here it fails the build.
class RegistryTest {
  private static final JavaClasses PRODUCT =
      new ClassFileImporter().withImportOption(new ProductOnly()).importPackages("io.metalmarlin");

  static Stream<Registry<?>> registries() {
    return Registries.all();
  }

  @ParameterizedTest
  @MethodSource("registries")
  void lists_every_class_that_implements_its_type(Registry<?> registry) {
    Set<String> listed =
        registry.members().stream().map(m -> m.getClass().getName()).collect(Collectors.toSet());
    assertThat(implementations(registry.type())).isNotEmpty().isSubsetOf(listed);
  }

  @ParameterizedTest
  @MethodSource("registries")
  void gives_every_member_a_name_of_its_own(Registry<?> registry) {
    assertThat(names(registry)).doesNotHaveDuplicates().allSatisfy(n -> assertThat(n).isNotBlank());
  }

  private static <T> Stream<String> names(Registry<T> registry) {
    return registry.members().stream().map(registry.name());
  }

  private static Set<String> implementations(Class<?> type) {
    return PRODUCT.stream()
        .filter(c -> c.isAssignableTo(type))
        .filter(c -> !c.isInterface() && !c.getModifiers().contains(JavaModifier.ABSTRACT))
        .filter(c -> !c.isAnonymousClass())
        .map(JavaClass::getName)
        .collect(Collectors.toSet());
  }
}
