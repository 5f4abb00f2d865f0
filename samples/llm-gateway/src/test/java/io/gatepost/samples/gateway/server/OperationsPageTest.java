package io.gatepost.samples.gateway.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Keeps docs/operations.md true: what it names exists, and what exists is named; rules and dashboard use only that. */
@Timeout(120)
class OperationsPageTest {
    private static final Path PROJECT = Path.of("..", "..");
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Pattern SAMPLE = Pattern.compile("(?m)^([a-z_]+)(?:\\{(.*)})? \\S+$");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"(?:[^\"\\\\]|\\\\.)*\"");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\|([^|]*)\\|");
    private static final Pattern CODE = Pattern.compile("`([^`]+)`");
    private static final Pattern NAME = Pattern.compile("\\b(?:gatepost|http|gen_ai|jvm|process)_[a-z_]+\\b");
    private static final Pattern USE = Pattern.compile("([a-z_]+)\\{([^}]*)}");
    private static final Pattern BY = Pattern.compile("by \\(([a-z_, ]+)\\)");

    @TempDir
    private Path folder;

    @Test
    void namesEveryMetricWithItsLabelsAndNoOther() throws Exception {
        assertThat(documented("Metrics")).isEqualTo(families(exported()));
    }

    @Test
    void namesEveryFieldOfTheAuditLogAndNoOther() throws Exception {
        try (ObservedGateway gateway = new ObservedGateway(folder, "", "aud", "exp")) {
            gateway.busy();
        }
        // Those of policies with several rules, or with rules on the body: WhyCommandTest has them.
        Set<String> fields = new TreeSet<>(Set.of("model", "rules", "rules_count"));
        Files.readAllLines(folder.resolve("audit.ndjson"))
                .forEach(line -> fields.addAll(JSON.readTree(line).propertyNames()));

        assertThat(documented("Audit log").keySet()).isEqualTo(fields);
    }

    @Test
    void namesEveryConditionAndEveryPartOfTheReportAndNoOther() throws Exception {
        Set<String> named = new TreeSet<>();
        try (ObservedGateway gateway = new ObservedGateway(folder, "")) {
            JsonNode report = JSON.readTree(gateway.admin("/policies").body());
            named.addAll(report.propertyNames());
            report.at("/policies/0/conditions")
                    .forEach(condition -> named.add(condition.at("/type").asString()));
        }

        assertThat(documented("Policies").keySet()).isEqualTo(named);
    }

    @Test
    void namesTheAdminPortsPages() throws Exception {
        try (ObservedGateway gateway = new ObservedGateway(folder, "")) {
            for (String path : documented("Admin port").keySet()) {
                assertThat(gateway.admin(path).statusCode()).as(path).isEqualTo(200);
            }
            assertThat(gateway.admin("/other").statusCode()).isEqualTo(404);
        }
        assertThat(documented("Admin port").keySet()).containsExactly("/livez", "/metrics", "/policies", "/readyz");
    }

    @Test
    void rulesAndDashboardUseOnlyWhatExists() throws Exception {
        Map<String, Set<String>> exported = exported();
        for (String file : Set.of("prometheus-rules.yaml", "grafana-dashboard.json")) {
            String text = Files.readString(Path.of("operations", file)).replace("\\\"", "\"");
            Matcher names = NAME.matcher(text);
            int used = 0;
            Set<String> labels = new TreeSet<>(Set.of("le"));
            exported.values().forEach(labels::addAll);
            while (names.find()) {
                if (!labels.contains(names.group())) {
                    assertThat(exported).as(file).containsKey(names.group());
                    used++;
                }
            }
            assertThat(used).as("metrics in " + file).isPositive();
            USE.matcher(text)
                    .results()
                    .filter(use -> exported.containsKey(use.group(1)))
                    .forEach(use -> assertThat(exported.get(use.group(1)))
                            .as(file + ": " + use.group())
                            .containsAll(labels(use.group(2))));
            BY.matcher(text)
                    .results()
                    .forEach(by ->
                            assertThat(labels).as(file).contains(by.group(1).split(", *")));
        }
    }

    private static Set<String> labels(String text) {
        Set<String> labels = new TreeSet<>();
        Matcher matcher = Pattern.compile("([a-z_]+)(?:=|!)[~=]?\"").matcher(text);
        while (matcher.find()) {
            labels.add(matcher.group(1));
        }
        return labels;
    }

    /** The rows of a section's table: the first column, and the names in the second one. */
    private static Map<String, Set<String>> documented(String section) throws Exception {
        String page = Files.readString(PROJECT.resolve("docs/operations.md"));
        int start = page.indexOf("\n## " + section + "\n");
        assertThat(start).as(section).isNotNegative();
        int end = page.indexOf("\n## ", start + 1);
        Map<String, Set<String>> rows = new TreeMap<>();
        Matcher row = ROW.matcher(page.substring(start, end < 0 ? page.length() : end));
        while (row.find()) {
            Set<String> names = new TreeSet<>();
            CODE.matcher(row.group(2)).results().forEach(name -> names.add(name.group(1)));
            rows.put(row.group(1), names);
        }
        return rows;
    }

    private Map<String, Set<String>> exported() throws Exception {
        Map<String, Set<String>> samples = new TreeMap<>();
        try (ObservedGateway gateway = new ObservedGateway(folder, "").busy()) {
            Matcher sample =
                    SAMPLE.matcher(gateway.metricsWith("status_code=\"404\"", "gatepost_key_set_next_try_seconds{"));
            while (sample.find()) {
                Set<String> labels = samples.computeIfAbsent(sample.group(1), name -> new TreeSet<>());
                Matcher label = LABEL.matcher(sample.group(2) == null ? "" : sample.group(2));
                while (label.find()) {
                    labels.add(label.group(1));
                }
            }
        }
        return samples;
    }

    /** A histogram is one metric. */
    private static Map<String, Set<String>> families(Map<String, Set<String>> samples) {
        Map<String, Set<String>> families = new TreeMap<>();
        samples.forEach((name, labels) -> {
            String family = name.replaceFirst("_(bucket|count|sum|max)$", "");
            boolean histogram = samples.containsKey(family + "_bucket");
            Set<String> kept = new TreeSet<>(labels);
            kept.remove("le");
            families.computeIfAbsent(histogram ? family : name, any -> new TreeSet<>())
                    .addAll(kept);
        });
        return families;
    }
}
