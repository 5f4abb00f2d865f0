package io.gatepost.tools.lint;

import io.gatepost.policy.diagnostic.Origin;
import java.util.List;

/** Workflow commands of GitHub Actions. */
final class GithubReport {
    private GithubReport() {}

    static String write(List<Finding> findings) {
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings) {
            text.append("::").append(command(finding.level()));
            Origin origin = finding.origin();
            if (origin.line() > 0) {
                text.append(" file=").append(property(origin.source()));
                text.append(",line=").append(origin.line()).append(",col=").append(origin.column());
                text.append(",title=").append(property(finding.rule().id()));
            }
            text.append("::")
                    .append(data(finding.message() + "; " + finding.rule().cure()))
                    .append('\n');
        }
        return text.toString();
    }

    private static String command(Level level) {
        return level == Level.INFO ? "notice" : level.toString();
    }

    private static String data(String text) {
        return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A");
    }

    private static String property(String text) {
        return data(text).replace(":", "%3A").replace(",", "%2C");
    }
}
