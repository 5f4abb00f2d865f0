package io.gatepost.samples.gateway;

import io.gatepost.policy.cel.LinearRegex;
import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import io.gatepost.routes.manifest.Environment;
import io.gatepost.routes.manifest.Manifests;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.Stack;
import picocli.CommandLine.IParameterConsumer;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which manifests a command reads, and how strictly. */
final class ManifestOptions {
    @Option(
            names = "--file",
            required = true,
            arity = "1..*",
            paramLabel = "PATH",
            parameterConsumer = UpToAUrl.class,
            description = "files or folders of YAML and JSON")
    private List<Path> files = List.of();

    @Option(
            names = "--unsupported",
            paramLabel = "error|warn",
            defaultValue = "error",
            description = "what a field is that is known but not enforced; default ${DEFAULT-VALUE}")
    @SuppressWarnings("NullAway.Init")
    private Unsupported unsupported;

    @Option(
            names = "--env",
            paramLabel = "NAME",
            split = ",",
            description = "the environment variables that $${NAME} in a Secret may take, no others; default those whose"
                    + " names end in _API_KEY")
    private Set<String> variables = Set.of();

    private enum Unsupported {
        error,
        warn
    }

    /** Several files, but not the URL that a command may have behind them. */
    private static final class UpToAUrl implements IParameterConsumer {
        @Override
        public void consumeParameters(Stack<String> args, ArgSpec option, CommandSpec command) {
            List<Path> files = new ArrayList<>(option.<List<Path>>getValue());
            int before = files.size();
            while (!args.isEmpty()
                    && !args.peek().startsWith("-")
                    && !isUrl(args.peek(), files.size() > before, command)) {
                files.add(Path.of(args.pop()));
            }
            if (files.size() == before) {
                throw new ParameterException(command.commandLine(), "Missing required parameter for option '--file'");
            }
            option.setValue(files);
        }
    }

    /** With a path alone only behind a file, where no such file exists and the command asks for a URL. */
    private static boolean isUrl(String argument, boolean behindAFile, CommandSpec command) {
        boolean asked = behindAFile && !command.positionalParameters().isEmpty();
        return argument.matches("(?i)https?://.*")
                || (asked && argument.startsWith("/") && !Files.exists(Path.of(argument)));
    }

    List<Path> files() {
        return files;
    }

    boolean warnUnsupported() {
        return unsupported == Unsupported.warn;
    }

    Environment environment() {
        return Environment.ofProcess(variables);
    }

    Manifests read() {
        return Manifests.read(
                files, warnUnsupported() ? Severity.WARNING : Severity.ERROR, environment(), LinearRegex::of);
    }
}
