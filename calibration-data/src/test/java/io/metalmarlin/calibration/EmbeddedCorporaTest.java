package io.metalmarlin.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.metalmarlin.formats.ErrorCode;
import io.metalmarlin.formats.MarlinException;
import io.metalmarlin.runtime.text.Corpora;
import io.metalmarlin.runtime.text.CorpusProvider;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class EmbeddedCorporaTest {
  @Test
  void bothTextsAreFoundByName() {
    assertThat(Corpora.names()).containsExactly("calibration", "evaluation");
    assertThat(Corpora.named("calibration").documents()).hasSize(86);
    assertThat(Corpora.named("evaluation").documents()).hasSize(14);
  }

  @Test
  void theSumOfACorpusIsThatOfItsFile() {
    CorpusProvider corpus = Corpora.named("evaluation");
    assertThat(corpus.sha256())
        .isEqualTo(Sha256.of(Manifest.load().entry("text/evaluation.jsonl").read()));
    assertThat(corpus.licence()).contains("public domain");
  }

  @Test
  void calibrationAndEvaluationShareNoDocument() {
    List<String> calibration = Corpora.named("calibration").documents();
    assertThat(Corpora.named("evaluation").documents()).doesNotContainAnyElementsOf(calibration);
  }

  @Test
  void anUnknownNameListsTheKnownOnes() {
    assertThatThrownBy(() -> Corpora.named("wiki"))
        .asInstanceOf(InstanceOfAssertFactories.type(MarlinException.class))
        .satisfies(e -> assertThat(e.code()).isEqualTo(ErrorCode.BAD_FLAG))
        .satisfies(e -> assertThat(e.where()).isEqualTo("embedded:wiki"))
        .satisfies(e -> assertThat(e.hint()).contains("calibration, evaluation"));
  }
}
