package io.metalmarlin.cli.args;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.cli.command.Marlin;
import io.metalmarlin.formats.MarlinException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CanonicalArgumentsTest {
  private static CanonicalArguments of(String... typed) {
    return CanonicalArguments.of(Marlin.parser(), List.of(typed));
  }

  @ParameterizedTest
  @CsvSource({
    "--model M, M",
    "-m M, M",
    "--hf-path M, M",
    "--model-name-or-path M, M",
    "--pyt-ckpt-path M, M",
    "-i M, M",
    "--output-dir D, --output D",
    "--export-path D, --output D",
    "--mlx-path D, --output D",
    "--save-path D, --output D",
    "--outfile D, --output D",
    "--qformat X, --scheme X",
    "--format llm_compressor, --target vllm",
    "--to modelopt, --target trtllm",
    "--iters 0, --method rtn",
    "-c F, --dataset F",
    "--calibration F, --dataset F",
    "--data-path F, --dataset F",
    "-f F, --dataset F",
    "--nsamples 8, --samples 8",
    "--num-samples 8, --samples 8",
    "--calib-size 8, --samples 8",
    "--cal-rows 8, --samples 8",
    "--seqlen 8, --seq-len 8",
    "--max-seq-length 8, --seq-len 8",
    "--calib-seq 8, --seq-len 8",
    "--cal-cols 8, --seq-len 8",
    "--sequence-length 8, --seq-len 8",
    "--ignore-layers P, --ignore P",
    "--leave-output-tensor, --ignore lm_head",
    "--hadamard-group-size 16, --transform had16",
    "--no-hadamard, --transform none",
    "--dampening-frac 0.1, --damp 0.1",
    "--percdamp 0.1, --damp 0.1",
    "--rel-damp 0.1, --damp 0.1",
    "--actorder static, --order act",
    "-r, --resume"
  })
  void aliases_become_the_canonical_flag_and_are_noted(String typed, String canonical) {
    CanonicalArguments c = of(("quantize " + typed).split(" "));
    assertThat(c.arguments()).containsExactly(("quantize " + canonical).split(" "));
    assertThat(c.notes()).singleElement().asString().startsWith(typed.split(" ")[0] + " is ");
  }

  @Test
  void an_inline_value_stays_with_its_alias() {
    assertThat(of("plan", "--nsamples=8").arguments()).containsExactly("plan", "--samples", "8");
  }

  @Test
  void snake_case_is_accepted_and_noted() {
    CanonicalArguments c =
        of("quantize", "M", "--seq_len", "64", "--max_kld=0.1", "--nsamples", "2");
    assertThat(c.arguments())
        .containsExactly("quantize", "M", "--seq-len", "64", "--max-kld=0.1", "--samples", "2");
    assertThat(c.notes())
        .containsExactly(
            "--seq_len is --seq-len here",
            "--max_kld is --max-kld here",
            "--nsamples is --samples here");
  }

  @Test
  void canonical_flags_pass_without_a_note() {
    CanonicalArguments c = of("quantize", "M", "--samples", "2", "--ignore", "re:a_b");
    assertThat(c.arguments())
        .containsExactly("quantize", "M", "--samples", "2", "--ignore", "re:a_b");
    assertThat(c.notes()).isEmpty();
  }

  @Test
  void values_that_look_like_aliases_are_left_alone() {
    assertThat(of("run", "M", "-p", "--model", "--prompt", "--max_kld").arguments())
        .containsExactly("run", "M", "-p", "--model", "--prompt", "--max_kld");
    assertThat(of("run", "--", "--model").arguments()).containsExactly("run", "--", "--model");
  }

  @Test
  void an_alias_belongs_to_its_commands_only() {
    assertThat(of("eval", "M", "--nsamples", "2").arguments())
        .containsExactly("eval", "M", "--nsamples", "2");
  }

  @Test
  void an_alias_without_its_value_is_an_error() {
    assertThatThrownBy(() -> of("quantize", "M", "--nsamples"))
        .isInstanceOf(MarlinException.class)
        .hasMessage("needs a value");
  }

  @ParameterizedTest
  @CsvSource({"--iters 200, iterative", "--desc-act, g_idx", "--actorder dynamic, g_idx"})
  void what_cannot_be_honoured_is_refused_with_the_reason(String typed, String reason) {
    assertThatThrownBy(() -> of(("quantize M " + typed).split(" ")))
        .isInstanceOf(MarlinException.class)
        .hasMessageContaining(reason);
  }

  @Test
  void trust_remote_code_is_taken_out() {
    CanonicalArguments c = of("run", "M", "--trust_remote_code");
    assertThat(c.arguments()).containsExactly("run", "M");
    assertThat(c.trustRemoteCode()).isTrue();
  }
}
