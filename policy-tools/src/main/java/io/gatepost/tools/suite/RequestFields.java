package io.gatepost.tools.suite;

import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import io.gatepost.policy.forward.TrustedProxies;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads a request of a test into the JSON that {@link AskedRequest} reads. */
final class RequestFields {
    private static final Pattern LINE = Pattern.compile("([!#-'*+.0-9A-Z^-z|~-]+) +(\\S+)");
    private static final Pattern TOKEN = Pattern.compile("[!#-'*+.0-9A-Z^-z|~-]+");
    private static final Pattern TARGET = Pattern.compile("(/|[a-z]+://[^/\\s]).*", Pattern.DOTALL);

    private final Findings findings;

    RequestFields(Findings findings) {
        this.findings = findings;
    }

    /** {@code request} of a test: {@code GET /path}, or a map. */
    ObjectNode read(Fields test) {
        ObjectNode request = AskedRequest.JSON.createObjectNode();
        if (test.isText("request")) {
            line(test, request);
        } else {
            Fields fields = test.fields("request");
            if (fields != null) {
                read(fields, request);
            }
        }
        return request;
    }

    private void line(Fields test, ObjectNode request) {
        String line = String.valueOf(test.rawText("request"));
        java.util.regex.Matcher parts = LINE.matcher(line);
        if (parts.matches() && TARGET.matcher(parts.group(2)).matches()) {
            request.put("method", parts.group(1)).put("uri", parts.group(2));
        } else {
            findings.error(
                    test.origin("request"),
                    "expected a method and a path, such as `GET /v1/models`, or a map with `method` and `path`");
        }
    }

    private void read(Fields fields, ObjectNode request) {
        fields.require("method");
        fields.exactlyOneOf("path", "uri");
        String method = fields.text("method", 100, TOKEN, "a method, such as `POST`");
        String target = fields.has("path") ? fields.rawText("path") : fields.rawText("uri");
        if (target != null && !TARGET.matcher(target).matches()) {
            findings.error(
                    fields.origin(fields.has("path") ? "path" : "uri"),
                    "expected a path that begins with a slash, or an absolute URI");
        }
        request.put("method", method).put("uri", target);
        headers(fields, request.putArray("headers"));
        String source = fields.text("sourceAddress", 1, 45);
        if (source != null && TrustedProxies.isAddress(source)) {
            request.put("sourceAddress", source);
        } else if (source != null) {
            findings.error(fields.origin("sourceAddress"), "expected an IP address, found `" + source + "`");
        }
        body(fields, request);
        fields.done();
    }

    private void headers(Fields fields, ArrayNode headers) {
        Fields map = fields.fields("headers");
        if (map == null) {
            return;
        }
        for (String name : map.names()) {
            if (!TOKEN.matcher(name).matches()) {
                findings.error(map.keyOrigin(name), "a header's name can't have such characters");
            }
            List<String> values = map.isList(name) ? map.texts(name, 1, 100, 65_536) : single(map.rawText(name));
            values.forEach(value -> headers.addArray().add(name).add(value));
        }
    }

    private static List<String> single(@Nullable String value) {
        return value == null ? List.of() : List.of(value);
    }

    /** A body that is written as a map is JSON. */
    private static void body(Fields fields, ObjectNode request) {
        if (fields.isMap("body") || fields.isList("body")) {
            request.put("body", AskedRequest.JSON.writeValueAsString(fields.json("body")));
        } else {
            String body = fields.rawText("body");
            if (body != null) {
                request.put("body", body);
            }
        }
    }

    /** A map of any values; empty where the field is absent or wrong, which is told. */
    static Map<String, @Nullable Object> map(Fields parent, String name) {
        Fields fields = parent.fields(name);
        Map<String, @Nullable Object> map = new LinkedHashMap<>();
        if (fields != null) {
            fields.names().forEach(key -> map.put(key, fields.json(key)));
        }
        return map;
    }
}
