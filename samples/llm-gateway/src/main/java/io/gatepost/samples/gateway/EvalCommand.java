package io.gatepost.samples.gateway;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code eval}: evaluates expressions, a line of JSON each, as rules would. */
@Command(
        name = "eval",
        description = "Reads expressions as lines of JSON and prints the value of each.",
        mixinStandardHelpOptions = true)
final class EvalCommand implements Callable<Integer> {
    @SuppressWarnings("UnusedVariable") // the only form yet, and named so that others can come
    @Option(names = "--ndjson", required = true, description = "lines of JSON in, lines of JSON out")
    private boolean ndjson;

    @Override
    public Integer call() throws IOException {
        Ndjson.answerEach(new Evaluations()::answer);
        return 0;
    }
}
