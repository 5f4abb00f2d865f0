package io.gatepost.samples.gateway;

import io.gatepost.policy.cel.Catalogue;
import io.gatepost.routes.manifest.DocumentSchema;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.EnumFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code schema}: for editors, what documents may hold, and what their expressions may name. */
@Command(
        name = "schema",
        description = "Prints the JSON Schema (draft 7) of policies and manifests, for editors.",
        mixinStandardHelpOptions = true)
final class SchemaCommand implements Callable<Integer> {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(EnumFeature.WRITE_ENUMS_TO_LOWERCASE)
            .build();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Option(
            names = "--expressions",
            paramLabel = "text|json",
            description = "print instead the variables and functions of expressions, each with an example")
    private @Nullable Format expressions;

    private enum Format {
        text,
        json
    }

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        if (expressions == null) {
            out.println(JSON.writeValueAsString(DocumentSchema.generate()));
        } else if (expressions == Format.json) {
            out.println(JSON.writeValueAsString(Catalogue.entries()));
        } else {
            Catalogue.entries().forEach(entry -> print(entry, out));
        }
        out.flush();
        return 0;
    }

    private static void print(Catalogue.Entry entry, PrintWriter out) {
        out.println(entry.form() + ": " + entry.description());
        entry.signatures().forEach(signature -> out.println("    " + signature));
        out.println("    " + entry.example() + " -> " + entry.value());
    }
}
