package io.metalmarlin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmallCommandsTest {
  @Test
  void version_names_marlin_and_java() {
    CommandLineRun run = CommandLineRun.of("version");
    assertThat(run.exit()).isZero();
    assertThat(run.out()).startsWith("marlin ").contains("Java " + Runtime.version());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh"})
  void completion_is_a_script_that_knows_the_commands(String shell) {
    CommandLineRun run = CommandLineRun.of("completion", shell);
    assertThat(run.exit()).isZero();
    assertThat(run.out()).startsWith("#!/usr/bin/env bash").contains("version");
  }

  @Test
  void completion_for_fish_is_refused_by_name() {
    CommandLineRun run = CommandLineRun.of("completion", "fish");
    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err()).contains("completion fish").contains("bash or zsh");
  }

  @Test
  void models_lists_the_registry() {
    assertThat(CommandLineRun.of("models").out()).contains("llama").contains("qwen3");
  }

  @Test
  void help_of_a_command_shows_its_flags() {
    assertThat(CommandLineRun.of("help", "version").out()).contains("Flags:").contains("--json");
    assertThat(CommandLineRun.of("help", "versoin").err()).contains("`marlin version`");
  }
}
