package io.gatepost.routes.manifest;

import io.gatepost.policy.document.Document;
import io.gatepost.policy.document.Fields;
import io.gatepost.policy.document.Findings;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the kinds that hold values: {@code Secret}, {@code ConfigMap}, {@code Service}. */
final class ValueFields {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{([A-Za-z_][A-Za-z0-9_]*)}");
    private static final Pattern SHELL_VARIABLE = Pattern.compile("\\$([A-Za-z_][A-Za-z0-9_]*)");
    private static final int MAX_PORTS = 1000;

    private final Document document;
    private final Findings findings;
    private final Set<String> taken = new TreeSet<>();

    ValueFields(Document document, Findings findings) {
        this.document = document;
        this.findings = findings;
    }

    Secret secret(Environment environment) {
        Fields top = document.fields().ignore("type", "immutable");
        Map<String, String> values = new LinkedHashMap<>();
        Fields data = top.fields("data");
        if (data != null) {
            data.names().forEach(key -> decode(data, key, values));
        }
        Fields stringData = top.fields("stringData");
        if (stringData != null) {
            stringData.names().forEach(key -> fill(stringData, key, environment, values));
        }
        top.done();
        return new Secret(document.name(), values, taken, top.origin());
    }

    private void decode(Fields data, String key, Map<String, String> values) {
        String encoded = data.rawText(key);
        if (encoded == null) {
            return;
        }
        try {
            ByteBuffer octets = ByteBuffer.wrap(base64(encoded));
            values.put(key, StandardCharsets.UTF_8.newDecoder().decode(octets).toString());
        } catch (IllegalArgumentException problem) {
            findings.error(data.origin(key), "expected base64 with its padding; plain text goes under `stringData`");
        } catch (CharacterCodingException binary) {
            values.remove(key);
        }
    }

    /** RFC 4648 section 4, padded, as Go reads it: with line breaks, of which block scalars have one at the end. */
    private static byte[] base64(String encoded) {
        String joined = encoded.replaceAll("[\\r\\n]", "");
        if (joined.length() % 4 != 0) {
            throw new IllegalArgumentException("not padded");
        }
        return Base64.getDecoder().decode(joined);
    }

    /** A value with a variable that is not set is left out: what needs it fails closed, and the rest works. */
    private void fill(Fields stringData, String key, Environment environment, Map<String, String> values) {
        String text = stringData.rawText(key);
        values.remove(key);
        if (text == null) {
            return;
        }
        Matcher shell = SHELL_VARIABLE.matcher(text);
        if (shell.matches()) {
            findings.warning(
                    stringData.origin(key), "a shell variable was left unfilled; write `${" + shell.group(1) + "}`");
        }
        Matcher variables = VARIABLE.matcher(text);
        StringBuilder filled = new StringBuilder();
        while (variables.find()) {
            String value = value(variables.group(1), stringData, key, environment);
            if (value == null) {
                return;
            }
            variables.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        values.put(key, variables.appendTail(filled).toString());
    }

    private @Nullable String value(String variable, Fields stringData, String key, Environment environment) {
        if (!environment.gives(variable)) {
            findings.warning(
                    stringData.origin(key),
                    "`" + variable + "` is not taken from the environment: name it by `--env " + variable
                            + "` if these files may have it");
            return null;
        }
        String value = environment.value(variable);
        if (value == null) {
            findings.warning(stringData.origin(key), "`" + variable + "` is not set in the environment");
        } else {
            taken.add(variable);
        }
        return value;
    }

    ConfigMap configMap() {
        Fields top = document.fields().ignore("binaryData", "immutable");
        Map<String, String> data = top.textMap("data");
        top.done();
        return new ConfigMap(document.name(), data, top.origin());
    }

    /** Only the ports matter; the rest of a service is the cluster's business. */
    Service service() {
        Fields spec = document.fields().fields("spec");
        String name = document.name().name();
        if (!name.isEmpty() && !GatewayFields.LABEL.matcher(name).matches()) {
            findings.error(
                    document.fields().origin("metadata"),
                    "`" + name + "` can't be a Service's name: expected at most 63 lower-case letters, digits and"
                            + " hyphens");
        }
        List<Integer> ports = new ArrayList<>();
        if (spec != null) {
            for (Fields fields : spec.list("ports", 0, MAX_PORTS)) {
                Integer port = fields.integer("port", 1, GatewayFields.MAX_PORT);
                if (port != null) {
                    ports.add(port);
                }
            }
        }
        return new Service(document.name(), ports, document.fields().origin());
    }
}
