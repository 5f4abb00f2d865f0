package io.gatepost.routes.manifest;

import io.gatepost.policy.document.Document;
import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads {@code traffic.cors}, the Gateway API's {@code HTTPCORSFilter}. */
final class CorsFields {
    private static final int MAX_ITEMS = 64;
    private static final int MAX_ITEM = 256;
    private static final int DEFAULT_SECONDS = 5;
    private static final int DAY = 86_400;
    private static final Pattern ORIGIN = Pattern.compile(
            "\\*|[a-z][a-z0-9+.-]*://(?:\\*|(?:\\*\\.)?[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?)(?::(?:[0-9]{1,5}|\\*))?");
    private static final Pattern TOKEN = Pattern.compile("\\*|[A-Za-z0-9!#$%&'+\\-.^_|~]+");

    private CorsFields() {}

    /** What a policy document says; null where it says nothing, or nothing that can be read. */
    static @Nullable Cors read(Document document, Findings findings) {
        Fields top = document.fields();
        Fields spec = top.isMap("spec") ? top.fields("spec") : null;
        Fields traffic = spec != null && spec.isMap("traffic") ? spec.fields("traffic") : null;
        Fields cors = traffic == null ? null : traffic.fields("cors");
        return cors == null ? null : cors(cors, findings);
    }

    private static @Nullable Cors cors(Fields fields, Findings findings) {
        int errors = findings.errors();
        List<String> origins =
                items(fields, "allowOrigins", ORIGIN, "an origin such as `https://app.example.com`", findings);
        Boolean credentials = fields.flag("allowCredentials");
        List<String> methods = items(fields, "allowMethods", TOKEN, "a method or `*`", findings);
        List<String> headers = items(fields, "allowHeaders", TOKEN, "a header's name or `*`", findings);
        List<String> exposed = items(fields, "exposeHeaders", TOKEN, "a header's name or `*`", findings);
        Integer seconds = fields.integer("maxAge", 1, DAY);
        fields.done();
        return findings.errors() > errors
                ? null
                : new Cors(
                        origins,
                        Boolean.TRUE.equals(credentials),
                        methods,
                        headers,
                        exposed,
                        Duration.ofSeconds(seconds == null ? DEFAULT_SECONDS : seconds),
                        fields.origin("allowOrigins"));
    }

    private static List<String> items(Fields fields, String name, Pattern pattern, String expected, Findings findings) {
        List<String> items = new ArrayList<>(fields.texts(name, 0, MAX_ITEMS, MAX_ITEM));
        if (!items.stream().allMatch(item -> pattern.matcher(item).matches())) {
            findings.error(fields.origin(name), "expected " + expected);
        } else if (items.size() > 1 && items.contains("*")) {
            findings.error(fields.origin(name), "`*` stands alone");
        }
        return items;
    }
}
