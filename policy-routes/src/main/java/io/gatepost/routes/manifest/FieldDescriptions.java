package io.gatepost.routes.manifest;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/**
 * What each field is for, from {@code fields.properties}: under its path or the end of its path, the longest that is
 * there.
 */
final class FieldDescriptions {
    private final Properties texts = new Properties();
    private final Set<String> missing = new TreeSet<>();
    private final Set<String> unused;

    FieldDescriptions() {
        try (InputStream file = FieldDescriptions.class.getResourceAsStream("fields.properties")) {
            texts.load(new InputStreamReader(Objects.requireNonNull(file), StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        unused = new TreeSet<>(texts.stringPropertyNames());
    }

    String of(String path) {
        String end = path;
        while (!texts.containsKey(end)) {
            int dot = end.indexOf('.');
            if (dot < 0) {
                missing.add(path);
                return "";
            }
            end = end.substring(dot + 1);
        }
        unused.remove(end);
        return texts.getProperty(end);
    }

    /** The fields that had none. */
    Set<String> missing() {
        return missing;
    }

    /** Those of no field. */
    Set<String> unused() {
        return unused;
    }
}
