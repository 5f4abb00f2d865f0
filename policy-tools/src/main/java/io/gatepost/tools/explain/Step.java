package io.gatepost.tools.explain;

import io.gatepost.tools.explain.Candidates.Candidate;
import org.jspecify.annotations.Nullable;

/** One value that might have been another. Immutable. */
record Step(String path, @Nullable Object value, Change change) {
    static Step of(Scenario scenario, String path, Candidate candidate) {
        Object current = Paths.read(scenario, path);
        return new Step(
                path,
                candidate.value(),
                new Change(kind(path, current, candidate), name(path), text(scenario, path, current, candidate)));
    }

    @Nullable
    Scenario apply(Scenario scenario) {
        return Paths.write(scenario, path, value);
    }

    private static String text(Scenario scenario, String path, @Nullable Object current, Candidate candidate) {
        String what = what(path);
        if (candidate.value() == Paths.ABSENT) {
            return path.endsWith("[]") ? what + " without elements" : "no " + what;
        }
        if (path.equals("request.startTime")) {
            return "another time, such as " + candidate.value();
        }
        String wanted = candidate.wording() == null ? Shown.of(candidate.value()) : candidate.wording();
        boolean negated = wanted.startsWith("other than ") && current != Paths.ABSENT;
        String absent = Paths.bodyMember(path) != null && Paths.isBodyUnreadable(scenario.request())
                ? ", not a body that is no JSON object"
                : ", which is absent";
        String instead = negated ? "" : current == Paths.ABSENT ? absent : ", not " + Shown.at(path, current);
        return what + " " + (path.contains("[]") ? "with an element " : "") + wanted + instead;
    }

    private static Change.Kind kind(String path, @Nullable Object current, Candidate candidate) {
        if (path.startsWith("jwt.")) {
            boolean presence = current == Paths.ABSENT || candidate.value() == Paths.ABSENT;
            return presence ? Change.Kind.CLAIM_PRESENCE : Change.Kind.CLAIM;
        }
        return path.startsWith("request.headers.")
                ? Change.Kind.HEADER
                : path.startsWith("source.")
                        ? Change.Kind.SOURCE
                        : path.equals("request.startTime") ? Change.Kind.TIME : Change.Kind.REQUEST;
    }

    private static String name(String path) {
        String within = path.replaceFirst("^(jwt|request\\.headers)\\.", "");
        String member = Paths.bodyMember(path);
        return (member == null ? within : member).replace("[]", "");
    }

    private static String what(String path) {
        if (path.startsWith("jwt.")) {
            return "claim `" + name(path) + "`";
        }
        if (path.startsWith("request.headers.")) {
            return "header `" + name(path) + "`";
        }
        return Paths.bodyMember(path) != null
                ? "member `" + name(path) + "` of the body"
                : path.matches("source\\.(a|rawA)ddress")
                        ? "client address"
                        : path.startsWith("source.")
                                ? "the client certificate's `" + path.substring(7) + "`"
                                : path.substring(path.indexOf('.') + 1);
    }
}
