package io.gatepost.samples.gateway;

import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.samples.gateway.observe.LogLines;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    private static final Map<String, Class<?>> VERBS = verbs();

    private Main() {}

    private static Map<String, Class<?>> verbs() {
        Map<String, Class<?>> verbs = new LinkedHashMap<>();
        verbs.put("keys", KeysCommand.class);
        verbs.put("token", TokenCommand.class);
        verbs.put("validate", ValidateCommand.class);
        verbs.put("lint", LintCommand.class);
        verbs.put("effective", EffectiveCommand.class);
        verbs.put("test", TestCommand.class);
        verbs.put("decide", DecideCommand.class);
        verbs.put("explain", ExplainCommand.class);
        verbs.put("why", WhyCommand.class);
        verbs.put("diff", DiffCommand.class);
        verbs.put("eval", EvalCommand.class);
        verbs.put("schema", SchemaCommand.class);
        verbs.put("serve", ServeCommand.class);
        verbs.put("health", HealthCommand.class);
        verbs.put("rehearse", RehearseCommand.class);
        return verbs;
    }

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

    /** The commands. Where one is named, it alone is looked at: to look at all of them takes longer than most do. */
    static CommandLine commandLine(String... args) {
        CommandLine main = new CommandLine(new Main());
        Class<?> first = args.length == 0 ? null : VERBS.get(args[0]);
        if (first != null) {
            main.addSubcommand(args[0], new CommandLine(first));
        } else {
            VERBS.forEach((name, verb) -> {
                boolean named = List.of(args).contains(name);
                main.addSubcommand(name, named ? new CommandLine(verb) : new CommandLine(heading(verb)));
            });
        }
        return main.setParameterExceptionHandler(Main::misused)
                .setExecutionExceptionHandler((problem, any, parsed) -> failed(problem, any));
    }

    private static CommandSpec heading(Class<?> verb) {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage().description(verb.getAnnotation(Command.class).description());
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
