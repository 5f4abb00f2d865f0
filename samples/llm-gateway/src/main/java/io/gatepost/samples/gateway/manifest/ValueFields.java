package io.gatepost.samples.gateway.manifest;

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
import java.util.function.Function;
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

    ValueFields(Document document, Findings findings) {
        this.document = document;
        this.findings = findings;
    }

    Secret secret(Function<String, @Nullable String> environment) {
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
        return new Secret(document.name(), values, top.origin());
    }

    private void decode(Fields data, String key, Map<String, String> values) {
        String encoded = data.rawText(key);
        if (encoded == null) {
            return;
        }
        try {
            ByteBuffer octets = ByteBuffer.wrap(Base64.getMimeDecoder().decode(encoded));
            values.put(key, StandardCharsets.UTF_8.newDecoder().decode(octets).toString());
        } catch (IllegalArgumentException problem) {
            findings.error(data.origin(key), "expected base64; plain text goes under `stringData`");
        } catch (CharacterCodingException binary) {
            values.remove(key);
        }
    }

    /** A value with a variable that is not set is left out: what needs it fails closed, and the rest works. */
    private void fill(
            Fields stringData, String key, Function<String, @Nullable String> environment, Map<String, String> values) {
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
            String value = environment.apply(variables.group(1));
            if (value == null) {
                findings.warning(stringData.origin(key), "`" + variables.group(1) + "` is not set in the environment");
                return;
            }
            variables.appendReplacement(filled, Matcher.quoteReplacement(value));
        }
        values.put(key, variables.appendTail(filled).toString());
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
