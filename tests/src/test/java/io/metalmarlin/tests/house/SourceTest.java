package io.metalmarlin.tests.house;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Rules about the source text that no compiler checks.
class SourceTest {
  /// A type declaration, whatever stands before the keyword.
  private static final Pattern PUBLIC_TYPE =
      Pattern.compile(
          "^\\s*public\\s+(?:(?:static|final|sealed|non-sealed|abstract|strictfp)\\s+)*"
              + "(?:class|interface|enum|record|@interface)\\s+(\\w+).*");

  @Test
  void every_public_type_of_the_product_is_documented() {
    List<String> bare = new ArrayList<>();
    for (Path file : Repository.mainJava()) {
      List<String> lines = Repository.lines(file);
      for (int i = 0; i < lines.size(); i++) {
        var type = PUBLIC_TYPE.matcher(lines.get(i));
        if (type.matches() && !documented(lines, i)) {
          bare.add(file + ":" + (i + 1) + " " + type.group(1));
        }
      }
    }
    assertThat(bare).as("public types without a /// comment").isEmpty();
  }

  @Test
  void every_package_of_the_product_says_what_it_is_for() {
    assertThat(
            Repository.mainJava().stream()
                .map(Path::getParent)
                .distinct()
                .map(p -> p.resolve("package-info.java"))
                .filter(p ->
                    !Files.exists(Repository.ROOT.resolve(p))
                        || !Repository.text(p).startsWith("/// ")
                        || !Repository.text(p).contains("@NullMarked")))
        .as("packages without a documented, null-marked package-info.java")
        .isEmpty();
  }

  @Test
  void no_file_of_the_product_is_longer_than_400_lines() {
    assertThat(Repository.mainJava())
        .allSatisfy(f ->
            assertThat(Repository.lines(f).size()).as("lines of %s", f).isLessThanOrEqualTo(400));
  }

  @Test
  void half_of_the_products_files_have_at_most_120_lines() {
    int[] sizes =
        Repository.mainJava().stream().mapToInt(f -> Repository.lines(f).size()).sorted().toArray();
    assertThat(sizes[sizes.length / 2])
        .as("median lines of %d files", sizes.length)
        .isLessThanOrEqualTo(120);
  }

  @Test
  void nothing_is_left_for_later() {
    Pattern later =
        Pattern.compile(
            "\\bTO[D]O\\b|\\bFIXM[E]\\b|\\bXX[X]\\b|[Nn]ot (yet )?implemente[d]|@Disable[d]");
    assertThat(TextScan.hits(later)).as("marks of unfinished work").isEmpty();
  }

  @Test
  void no_file_names_a_folder_of_one_machine() {
    Pattern machine =
        Pattern.compile(
            "(?<![\\w.}])/(wor[k]|roo[t]|hom[e]|User[s]|mn[t])/\\w|[A-Z]:\\\\\\\\Users");
    assertThat(TextScan.hits(machine)).as("paths of somebody's machine").isEmpty();
  }

  @Test
  void no_file_names_a_package_registry() {
    Pattern host =
        Pattern.compile(
            "repo1?\\.maven\\.org|repo\\.maven\\.apache\\.org|central\\.sonatype|oss\\.sonatype|jitpack\\.io"
                + "|pypi\\.org|pythonhosted\\.org|download\\.pytorch\\.org|registry\\.npmjs|docker\\.io|ghcr\\.io"
                + "|packages\\.adoptium\\.net|api\\.adoptium\\.net");
    assertThat(TextScan.hits(host))
        .as("registry hosts: the builder's own configuration decides")
        .isEmpty();
  }

  @Test
  void no_exception_is_swallowed() {
    Pattern empty = Pattern.compile("catch\\s*\\([^)]*\\)\\s*\\{\\s*\\}");
    assertThat(
            Repository.mainJava().stream()
                .filter(f -> empty.matcher(Repository.text(f)).find())
                .toList())
        .as("files with an empty catch block")
        .isEmpty();
  }

  /// Walks up over annotations, which may take several lines, to the comment that belongs to line
  /// `i`.
  private static boolean documented(List<String> lines, int i) {
    for (int j = i - 1; j >= 0; j--) {
      String line = lines.get(j).strip();
      if (line.startsWith("///")) {
        return true;
      }
      if (line.isEmpty() || line.endsWith(";") || line.equals("}")) {
        return false;
      }
    }
    return false;
  }
}
