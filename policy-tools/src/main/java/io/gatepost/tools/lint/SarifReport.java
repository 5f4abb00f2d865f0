package io.gatepost.tools.lint;

import io.gatepost.policy.diagnostic.Origin;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Findings as SARIF 2.1.0 (OASIS). */
final class SarifReport {
    private static final String SCHEMA =
            "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

    private SarifReport() {}

    static String write(List<Finding> findings) {
        List<LintRule> rules =
                findings.stream().map(Finding::rule).distinct().sorted().toList();
        ObjectNode log =
                JsonReport.JSON.createObjectNode().put("$schema", SCHEMA).put("version", "2.1.0");
        ObjectNode run = log.putArray("runs").addObject();
        ObjectNode driver = run.putObject("tool").putObject("driver").put("name", "gatepost");
        ArrayNode metadata = driver.putArray("rules");
        rules.forEach(rule -> rule(rule, metadata.addObject()));
        // Columns count characters, not UTF-16 units.
        run.put("columnKind", "unicodeCodePoints");
        ArrayNode results = run.putArray("results");
        findings.forEach(finding -> result(finding, rules.indexOf(finding.rule()), results.addObject()));
        return log.toPrettyString() + "\n";
    }

    private static void rule(LintRule rule, ObjectNode node) {
        node.put("id", rule.id());
        node.putObject("shortDescription").put("text", rule.summary());
        node.putObject("help").put("text", rule.summary() + ": " + rule.cure() + ".");
        node.putObject("defaultConfiguration").put("level", level(rule.level()));
    }

    private static void result(Finding finding, int index, ObjectNode node) {
        node.put("ruleId", finding.rule().id()).put("ruleIndex", index).put("level", level(finding.level()));
        node.putObject("message").put("text", finding.message());
        Origin origin = finding.origin();
        if (origin.line() > 0) {
            ObjectNode physical = node.putArray("locations").addObject().putObject("physicalLocation");
            physical.putObject("artifactLocation").put("uri", uri(origin.source()));
            physical.putObject("region").put("startLine", origin.line()).put("startColumn", origin.column());
        }
    }

    private static String level(Level level) {
        return level == Level.INFO ? "note" : level.toString();
    }

    /** A relative path stays one, so that it is found below the checkout. */
    private static String uri(String file) {
        if (Path.of(file).isAbsolute()) {
            return Path.of(file).toUri().toString();
        }
        try {
            String path = new URI(null, null, "/" + file.replace('\\', '/'), null).getRawPath();
            return path.substring(1).replace(":", "%3A");
        } catch (URISyntaxException problem) {
            throw new IllegalArgumentException("not a file's name", problem);
        }
    }
}
