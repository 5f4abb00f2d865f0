package io.gatepost.tools.lint;

import io.gatepost.policy.diagnostic.Origin;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Findings as JSON of our own. */
final class JsonReport {
    static final JsonMapper JSON = JsonMapper.builder().build();

    private JsonReport() {}

    static String write(List<Finding> findings) {
        ObjectNode report = JSON.createObjectNode();
        ArrayNode list = report.putArray("findings");
        for (Finding finding : findings) {
            Origin origin = finding.origin();
            list.addObject()
                    .put("id", finding.rule().id())
                    .put("level", finding.level().toString())
                    .put("file", origin.source())
                    .put("line", origin.line())
                    .put("column", origin.column())
                    .put("path", origin.path())
                    .put("message", finding.message())
                    .put("cure", finding.rule().cure());
        }
        return report.toPrettyString() + "\n";
    }
}
