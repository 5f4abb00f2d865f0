package io.gatepost.tools.lint;

import io.gatepost.policy.diagnostic.Origin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the comments of a file accept: {@code # lint: accept id, id (reason)}, on the line of the finding, where a block
 * begins, or alone on the line before.
 */
final class Acceptances {
    private static final Pattern COMMENT = Pattern.compile("(?:^|\\s)#\\s*lint:(.*)$");
    private static final Pattern FORM =
            Pattern.compile("\\s*accept\\s+([a-z][a-z0-9-]*(?:\\s*,\\s*[a-z][a-z0-9-]*)*)\\s*(?:\\(.*\\)\\s*)?");

    private final String source;
    private final List<Acceptance> acceptances = new ArrayList<>();
    private final List<Finding> problems = new ArrayList<>();

    private static final class Acceptance {
        private final Origin origin;
        private final LintRule rule;
        private final int line;
        private boolean used;

        Acceptance(Origin origin, LintRule rule, int line) {
            this.origin = origin;
            this.rule = rule;
            this.line = line;
        }
    }

    Acceptances(String source, String text) {
        this.source = source;
        List<String> lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            Matcher comment = COMMENT.matcher(lines.get(i));
            if (comment.find()) {
                read(
                        comment.group(1),
                        origin(i, lines.get(i).indexOf('#', comment.start())),
                        covered(lines, i, comment.start()));
            }
        }
    }

    private Origin origin(int line, int column) {
        return new Origin(source, line + 1, column + 1, "");
    }

    /** The line whose findings a comment accepts, 1-based. */
    private static int covered(List<String> lines, int line, int comment) {
        String before = lines.get(line).substring(0, comment).strip();
        boolean opensBlock = before.matches(".*[|>][-+0-9]*");
        if (!before.isEmpty() && !opensBlock) {
            return line + 1;
        }
        int covered = line + 1;
        while (covered < lines.size() && lines.get(covered).strip().matches("(#.*)?")) {
            covered++;
        }
        return covered + 1;
    }

    private void read(String words, Origin origin, int line) {
        Matcher form = FORM.matcher(words);
        if (!form.matches()) {
            problems.add(new Finding(LintRule.UNKNOWN_ACCEPTANCE, origin, "expected `# lint: accept id (reason)`"));
            return;
        }
        for (String id : Arrays.asList(form.group(1).split("\\s*,\\s*", -1))) {
            LintRule rule = LintRule.of(id).orElse(null);
            if (rule == null || !rule.canBeAccepted()) {
                problems.add(new Finding(
                        LintRule.UNKNOWN_ACCEPTANCE, origin, "nothing that can be accepted is called `" + id + "`"));
            } else {
                acceptances.add(new Acceptance(origin, rule, line));
            }
        }
    }

    boolean accepts(Finding finding) {
        boolean accepted = false;
        for (Acceptance acceptance : acceptances) {
            boolean here = acceptance.line == finding.origin().line()
                    || acceptance.line == finding.anchor().line();
            if (acceptance.rule == finding.rule() && here) {
                acceptance.used = true;
                accepted = true;
            }
        }
        return accepted;
    }

    /** What is wrong with the comments, once every finding has been shown to {@link #accepts}. */
    List<Finding> problems() {
        List<Finding> all = new ArrayList<>(problems);
        for (Acceptance acceptance : acceptances) {
            if (!acceptance.used) {
                all.add(new Finding(
                        LintRule.UNUSED_ACCEPTANCE,
                        acceptance.origin,
                        "`" + acceptance.rule.id() + "` is not found here"));
            }
        }
        return all;
    }
}
