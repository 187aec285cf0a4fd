package io.metalmarlin.cli.recipe;

import io.metalmarlin.formats.MarlinException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// The text of a recipe file.
final class RecipeText {
  /// More than a rule for every matrix of the largest models needs.
  static final int LARGEST = 4 << 20;

  private RecipeText() {}

  /// @throws MarlinException `BAD_RECIPE` for what is no small file of UTF-8
  static String read(Path file) {
    if (!Files.isRegularFile(file)) {
      throw RecipeErrors.of(
          "--recipe " + file,
          Files.exists(file) ? "is no file" : "does not exist",
          "Name a YAML file. " + RecipeErrors.DOCUMENT);
    }
    try {
      if (Files.size(file) > LARGEST) {
        throw RecipeErrors.of(
            "--recipe " + file,
            "has %d bytes, more than the %d of any recipe".formatted(Files.size(file), LARGEST),
            RecipeErrors.DOCUMENT);
      }
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(Files.readAllBytes(file)))
          .toString();
    } catch (CharacterCodingException e) {
      throw RecipeErrors.of("--recipe " + file, "is not UTF-8 text", "Save it as UTF-8.");
    } catch (IOException e) {
      throw RecipeErrors.of("--recipe " + file, "cannot be read: " + e, "Check its permissions.");
    }
  }
}
