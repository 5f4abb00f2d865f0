package io.gatepost.routes.manifest;

import io.gatepost.policy.document.RegularFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which files of a folder are read, by their names, and which others hold manifests all the same: a policy that is
 * renamed so that nobody reads it guards nothing.
 */
public final class ManifestFolder {
    private static final Pattern READ = Pattern.compile(".*\\.(yaml|yml|json)");
    private static final Pattern MEANT = Pattern.compile("(?i).*\\.(yaml|yml|json).*");

    /** Hidden ones are drafts of editors and deployments; tests are for the verb {@code test}. */
    private static final Pattern PASSED_OVER = Pattern.compile("\\..*|.*\\.test\\.(yaml|yml|json)");

    private static final int BEGINNING = 64 << 10;
    private static final Pattern NO_CONTENT = Pattern.compile("\\s*(#.*)?|---(\\s.*)?|%.*");
    private static final Pattern KEY = Pattern.compile("[{\\s]*[\"']?[A-Za-z][A-Za-z0-9]*[\"']?\\s*:.*|\\{\\s*");
    private static final List<Pattern> NEEDED =
            List.of(Pattern.compile("[\"']?apiVersion[\"']?\\s*:"), Pattern.compile("[\"']?kind[\"']?\\s*:"));

    private ManifestFolder() {}

    /**
     * Whether an entry of a folder matters: it is read, or should be.
     *
     * @param entry the entry; looked into where its name leaves that open
     * @return false for what is passed over
     */
    public static boolean concerns(Path entry) {
        return isRead(entry) || isMisnamed(entry);
    }

    static boolean isRead(Path entry) {
        return !isPassedOver(entry) && READ.matcher(name(entry)).matches();
    }

    /** Whether it looks like a manifest and has a name that is not read. */
    static boolean isMisnamed(Path entry) {
        if (isPassedOver(entry) || READ.matcher(name(entry)).matches()) {
            return false;
        }
        try {
            return looksLikeAManifest(new String(RegularFile.beginning(entry, BEGINNING), StandardCharsets.UTF_8));
        } catch (IOException unknown) {
            return MEANT.matcher(name(entry)).matches();
        }
    }

    private static boolean isPassedOver(Path entry) {
        return PASSED_OVER.matcher(name(entry)).matches();
    }

    private static String name(Path entry) {
        return String.valueOf(entry.getFileName());
    }

    /**
     * Whether the first thing in it is a map with {@code apiVersion} and {@code kind}; an example in a page is none.
     */
    private static boolean looksLikeAManifest(String text) {
        String withoutMark = text.startsWith("\uFEFF") ? text.substring(1) : text;
        StringBuilder document = new StringBuilder();
        Iterator<String> lines = withoutMark.lines().iterator();
        while (lines.hasNext()) {
            String line = lines.next();
            boolean empty = NO_CONTENT.matcher(line).matches();
            if (document.isEmpty() && !empty && !KEY.matcher(line).matches()) {
                return false;
            }
            if (!document.isEmpty() && line.startsWith("---")) {
                break;
            }
            if (!empty) {
                document.append(line).append('\n');
            }
        }
        return NEEDED.stream().allMatch(needed -> needed.matcher(document).find());
    }
}
