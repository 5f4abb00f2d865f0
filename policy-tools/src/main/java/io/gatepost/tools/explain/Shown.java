package io.gatepost.tools.explain;

import io.gatepost.policy.Explanation;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/** Values as explanations show them: one line, bounded, nothing that could be a token. */
final class Shown {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final Pattern TOKEN = Pattern.compile("(?<![\\w-])[\\w-]{10,}+\\.[\\w-]{20,}+");
    private static final int LENGTH = 120;

    private Shown() {}

    static String of(@Nullable Object value) {
        String text = JSON.writeValueAsString(value);
        if (TOKEN.matcher(text).find()) {
            return "<redacted>";
        }
        return text.length() <= LENGTH ? text : text.substring(0, LENGTH) + "...";
    }

    /** What of a request or a token stands at a path. */
    static String at(String path, @Nullable Object value) {
        return Explanation.isRedacted(path) ? "<redacted>" : of(value);
    }
}
