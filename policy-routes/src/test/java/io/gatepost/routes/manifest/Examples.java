package io.gatepost.routes.manifest;

import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.policy.document.Documents;
import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Every document that stands anywhere in the project: in files, in pages, and in the conformance cases beside it. */
final class Examples {
    private static final Path ROOT = Path.of("..");
    private static final Pattern BLOCK = Pattern.compile("(?ms)^```(?:yaml|json)\\n(.*?)^```$");

    private Examples() {}

    static List<JsonNode> documents() throws IOException {
        List<JsonNode> documents = new ArrayList<>();
        for (Path file : files()) {
            String text = Files.readString(file);
            if (file.toString().endsWith(".md")) {
                Matcher blocks = BLOCK.matcher(text);
                while (blocks.find()) {
                    documents.addAll(read(blocks.group(1)));
                }
            } else {
                documents.addAll(read(text));
            }
        }
        return documents;
    }

    private static List<Path> files() throws IOException {
        List<Path> files = new ArrayList<>();
        for (String folder : List.of("README.md", "docs", "samples", "benchmarks", "../shared/conformance")) {
            Path start = ROOT.resolve(folder);
            if (Files.exists(start)) {
                try (Stream<Path> found = Files.walk(start)) {
                    found.filter(Examples::isExample).forEach(files::add);
                }
            }
        }
        return files;
    }

    private static boolean isExample(Path file) {
        return file.toString().matches(".*\\.(md|yaml|yml)") && !file.toString().matches(".*/(target|node_modules)/.*");
    }

    private static List<JsonNode> read(String text) {
        return new Documents(new Findings(Severity.WARNING))
                .parse("example", text).stream()
                        .map(document -> asJson(document.fields()))
                        .toList();
    }

    private static JsonNode asJson(Fields fields) {
        Map<String, @Nullable Object> values = new LinkedHashMap<>();
        fields.names().forEach(name -> values.put(name, fields.json(name)));
        return JsonMapper.shared().valueToTree(values);
    }
}
