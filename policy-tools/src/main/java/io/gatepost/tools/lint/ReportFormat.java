package io.gatepost.tools.lint;

import java.util.List;

/** How findings are written. */
public enum ReportFormat {
    /** One line for people for each finding, its cure below it. */
    TEXT,
    /**
     * One JSON object: {@code {"findings": [{"id", "level", "file", "line", "column", "path", "message", "cure"}]}}.
     */
    JSON,
    /** Workflow commands that GitHub Actions shows beside the lines. */
    GITHUB,
    /** SARIF 2.1.0, which code scanners and editors read. */
    SARIF;

    /**
     * Writes findings.
     *
     * @param findings the findings
     * @return the report, each line ended; empty where {@link #TEXT} or {@link #GITHUB} have nothing to say
     */
    public String write(List<Finding> findings) {
        return switch (this) {
            case TEXT -> text(findings);
            case JSON -> JsonReport.write(findings);
            case GITHUB -> GithubReport.write(findings);
            case SARIF -> SarifReport.write(findings);
        };
    }

    private static String text(List<Finding> findings) {
        StringBuilder text = new StringBuilder();
        for (Finding finding : findings) {
            text.append(finding).append("\n    ").append(finding.rule().cure()).append('\n');
        }
        return text.toString();
    }
}
