package io.gatepost.samples.gateway;

import picocli.CommandLine.Option;

/** Whether a command writes for people or for programs. */
final class TextOrJson {
    @Option(
            names = "--format",
            paramLabel = "text|json",
            defaultValue = "text",
            description = "default ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Format format;

    private enum Format {
        text,
        json
    }

    boolean isJson() {
        return format == Format.json;
    }
}
