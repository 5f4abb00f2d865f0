package io.gatepost.tools.lint;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.diagnostic.Origin;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ReportFormatTest {
    private static final Finding FINDING = new Finding(
            LintRule.NO_AUDIENCE, new Origin("a b,c:d.yaml", 7, 3, "spec"), "100% of\r\ntokens: all, really");

    @Test
    void escapesWhatHasAMeaningInWorkflowCommands() {
        assertThat(ReportFormat.GITHUB.write(List.of(FINDING)))
                .isEqualTo("::warning file=a b%2Cc%3Ad.yaml,line=7,col=3,title=no-audience::100%25 of%0D%0Atokens: all,"
                        + " really; " + LintRule.NO_AUDIENCE.cure() + "\n");
    }

    @Test
    void writesSarifWithTheRulesThatItsResultsName() {
        JsonNode log = JsonMapper.shared().readTree(ReportFormat.SARIF.write(List.of(FINDING)));

        assertThat(log.at("/version").asString()).isEqualTo("2.1.0");
        assertThat(log.at("/runs/0/tool/driver/name").asString()).isEqualTo("gatepost");
        assertThat(log.at("/runs/0/tool/driver/rules/0/id").asString()).isEqualTo("no-audience");
        JsonNode result = log.at("/runs/0/results/0");
        assertThat(result.path("ruleId").asString()).isEqualTo("no-audience");
        assertThat(result.path("ruleIndex").asInt()).isZero();
        assertThat(result.path("level").asString()).isEqualTo("warning");
        assertThat(result.at("/message/text").asString()).isEqualTo(FINDING.message());
        JsonNode place = result.at("/locations/0/physicalLocation");
        assertThat(place.at("/artifactLocation/uri").asString()).isEqualTo("a%20b,c%3Ad.yaml");
        assertThat(place.at("/region/startLine").asInt()).isEqualTo(7);
        assertThat(place.at("/region/startColumn").asInt()).isEqualTo(3);
    }

    @Test
    void writesTheSameAsJson() {
        JsonNode found = JsonMapper.shared()
                .readTree(ReportFormat.JSON.write(List.of(FINDING)))
                .at("/findings/0");

        assertThat(found.path("id").asString()).isEqualTo("no-audience");
        assertThat(found.path("level").asString()).isEqualTo("warning");
        assertThat(found.path("file").asString()).isEqualTo("a b,c:d.yaml");
        assertThat(found.path("line").asInt()).isEqualTo(7);
        assertThat(found.path("cure").asString()).isEqualTo(LintRule.NO_AUDIENCE.cure());
    }

    @Test
    void writesWellFormedReportsOfNothing() {
        assertThat(ReportFormat.TEXT.write(List.of())).isEmpty();
        assertThat(JsonMapper.shared()
                        .readTree(ReportFormat.SARIF.write(List.of()))
                        .at("/runs/0/results")
                        .size())
                .isZero();
    }
}
