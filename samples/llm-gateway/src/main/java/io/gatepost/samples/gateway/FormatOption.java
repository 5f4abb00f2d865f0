package io.gatepost.samples.gateway;

import io.gatepost.tools.lint.Finding;
import io.gatepost.tools.lint.ReportFormat;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** How a command writes what it found. */
final class FormatOption {
    @Option(
            names = "--format",
            paramLabel = "text|json|github|sarif",
            defaultValue = "text",
            description = "how it is written; default ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Format format;

    private enum Format {
        text,
        json,
        github,
        sarif
    }

    boolean isText() {
        return format == Format.text;
    }

    String write(List<Finding> findings) {
        return ReportFormat.valueOf(format.name().toUpperCase(Locale.ROOT)).write(findings);
    }
}
