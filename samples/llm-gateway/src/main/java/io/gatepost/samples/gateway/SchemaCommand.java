package io.gatepost.samples.gateway;

import io.gatepost.samples.gateway.manifest.DocumentSchema;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** {@code schema}: for editors, what documents may hold. */
@Command(
        name = "schema",
        description = "Prints the JSON Schema (draft 7) of policies and manifests, for editors.",
        mixinStandardHelpOptions = true)
final class SchemaCommand implements Callable<Integer> {
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        out.println(JSON.writeValueAsString(DocumentSchema.generate()));
        out.flush();
        return 0;
    }
}
