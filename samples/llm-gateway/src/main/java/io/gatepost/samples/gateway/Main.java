package io.gatepost.samples.gateway;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.samples.gateway.observe.LogLines;
import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The command line. Exit codes: 0 done, 1 a problem that is printed, 2 a command line that can't be understood. */
@Command(
        name = "llm-gateway",
        description = "Guards LLM endpoints with JWT authentication and CEL authorization.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main {
    private static final List<Class<?>> VERBS = List.of(
            KeysCommand.class,
            TokenCommand.class,
            ValidateCommand.class,
            LintCommand.class,
            EffectiveCommand.class,
            TestCommand.class,
            DecideCommand.class,
            ExplainCommand.class,
            WhyCommand.class,
            DiffCommand.class,
            EvalCommand.class,
            SchemaCommand.class,
            ServeCommand.class,
            HealthCommand.class,
            RehearseCommand.class);

    private Main() {}

    /**
     * Runs a command and ends the process with its exit code.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        Integer exit = ClassArchive.run(args);
        if (exit != null) {
            System.exit(exit);
        }
        System.setProperty("org.jboss.logging.provider", "slf4j");
        System.setProperty("slf4j.provider", LogLines.class.getName());
        System.setProperty("slf4j.internal.verbosity", "WARN");
        System.exit(run(args));
    }

    /** Runs a command within this process, as tests do. */
    static int run(String... args) {
        return commandLine(args).execute(args);
    }

    /** The commands. Only those that are named have their options: to look at all of them takes longer than most do. */
    static CommandLine commandLine(String... args) {
        CommandLine main = new CommandLine(new Main());
        for (Class<?> verb : VERBS) {
            Command command = verb.getAnnotation(Command.class);
            boolean named = List.of(args).contains(command.name());
            main.addSubcommand(command.name(), named ? new CommandLine(verb) : new CommandLine(heading(command)));
        }
        return main.setParameterExceptionHandler(Main::misused)
                .setExecutionExceptionHandler((problem, any, parsed) -> failed(problem, any));
    }

    private static CommandSpec heading(Command command) {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage().description(command.description());
        return spec;
    }

    private static int misused(ParameterException problem, String[] args) {
        CommandLine command = problem.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(problem.getMessage());
        CommandLine.UnmatchedArgumentException.printSuggestions(problem, err);
        err.println("`" + command.getCommandSpec().qualifiedName() + " --help` says more");
        return ExitCode.USAGE;
    }

    /** A stack trace helps nobody at a terminal: the place in the code is enough to report a bug. */
    private static int failed(Exception problem, CommandLine command) {
        if (problem instanceof CommandException || problem instanceof InvalidPolicyException) {
            command.getErr().println(problem.getMessage());
        } else {
            StackTraceElement[] trace = problem.getStackTrace();
            String place = trace.length == 0 ? "unknown" : trace[0].toString();
            command.getErr().println("internal error: " + problem.getClass().getSimpleName() + " at " + place);
        }
        return ExitCode.SOFTWARE;
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"llm-gateway " + (version == null ? "(not packaged)" : version)};
        }
    }
}
