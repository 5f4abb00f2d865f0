package io.gatepost.samples.gateway;

import io.gatepost.testkit.explain.Receipt;
import io.gatepost.testkit.suite.AskedRequest;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** {@code why}: explains a decision of the past from the audit log, by the id that the client was told. */
@Command(
        name = "why",
        description = "Explains what the audit log holds of a request, by its x-request-id. Exit code 1 where there is"
                + " no such record.",
        mixinStandardHelpOptions = true)
@SuppressWarnings("NullAway.Init")
final class WhyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Parameters(paramLabel = "ID", description = "the x-request-id of the response")
    private String id;

    @Option(
            names = "--audit",
            required = true,
            arity = "1..*",
            paramLabel = "FILE",
            description = "audit logs, rotated ones too")
    private List<Path> files;

    @Mixin
    private final TextOrJson format = new TextOrJson();

    @Override
    public Integer call() throws IOException {
        List<JsonNode> found = new ArrayList<>();
        for (Path file : files) {
            try (Stream<String> lines = Files.lines(file)) {
                lines.filter(line -> line.contains(id)).forEach(line -> addIfMeant(line, found));
            } catch (IOException e) {
                throw new CommandException("the audit log `" + file + "` can't be read");
            }
        }
        if (found.isEmpty()) {
            throw new CommandException("no record of request `" + id + "`: name the log of its time by --audit; a"
                    + " request that no policy judged has none");
        }
        PrintWriter out = spec.commandLine().getOut();
        found.forEach(record -> out.print(format.isJson() ? Receipt.json(record) + "\n" : Receipt.text(record)));
        out.flush();
        return 0;
    }

    /** A line that was cut short is none. */
    private void addIfMeant(String line, List<JsonNode> found) {
        try {
            JsonNode record = AskedRequest.JSON.readTree(line);
            if (record.path("request_id").asString("").equals(id)) {
                found.add(record);
            }
        } catch (JacksonException damaged) {
            // Its id can't be told.
        }
    }
}
