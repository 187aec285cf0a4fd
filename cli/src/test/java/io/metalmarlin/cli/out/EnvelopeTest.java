package io.metalmarlin.cli.out;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;

class EnvelopeTest {
  @Test
  void success_has_every_key_and_a_null_error() {
    ObjectNode e = Envelope.of("eval", Json.object().put("x", 1), List.of(), null);
    assertThat(Json.text(e))
        .isEqualTo(
            "{\"schema\":\"marlin.eval/1\",\"status\":\"ok\",\"exit\":0,\"result\":{\"x\":1},"
                + "\"warnings\":[],\"error\":null}");
  }

  @Test
  void failure_carries_code_place_reason_and_advice() {
    Failure f = new Failure("E401", "quality gate", "too far", "Loosen it.", 4);
    ObjectNode e = Envelope.of("eval", null, List.of(new Warning("W104", "here", "odd")), f);
    assertThat(Json.text(e))
        .isEqualTo(
            "{\"schema\":\"marlin.eval/1\",\"status\":\"error\",\"exit\":4,\"result\":null,"
                + "\"warnings\":[{\"code\":\"W104\",\"where\":\"here\",\"message\":\"odd\"}],"
                + "\"error\":{\"code\":\"E401\",\"where\":\"quality gate\",\"message\":\"too far\","
                + "\"hint\":\"Loosen it.\"}}");
  }

  @Test
  void an_interrupted_command_says_so() {
    Failure f = new Failure("SIGINT", "out.partial-1", "stopped", "Go on.", 130);
    assertThat(Envelope.of("quantize", null, List.of(), f).path("status").stringValue())
        .isEqualTo("interrupted");
  }

  @Test
  void a_number_that_is_not_finite_becomes_null_with_its_reason() {
    ObjectNode n = Json.object();
    Json.number(n, "ppl", Double.NaN, "no window");
    Json.number(n, "max", Double.POSITIVE_INFINITY, "overflow");
    assertThat(Json.text(n))
        .isEqualTo(
            "{\"ppl\":null,\"ppl_reason\":\"no window\",\"max\":null,\"max_reason\":\"overflow\"}");
  }
}
