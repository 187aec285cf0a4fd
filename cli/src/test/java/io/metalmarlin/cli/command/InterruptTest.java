package io.metalmarlin.cli.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class InterruptTest {
  @Test
  void nothing_is_asked_before_a_signal() {
    assertThat(new Interrupt().getAsBoolean()).isFalse();
  }

  @Test
  void the_exit_code_tells_ctrl_c_from_sigterm() {
    Interrupt i = new Interrupt();
    i.request(2);
    assertThat(i.getAsBoolean()).isTrue();
    assertThat(i.exitCode()).isEqualTo(130);
    assertThat(i.signalName()).isEqualTo("SIGINT");
    i.request(15);
    assertThat(i.exitCode()).isEqualTo(143);
    assertThat(i.signalName()).isEqualTo("SIGTERM");
  }
}
