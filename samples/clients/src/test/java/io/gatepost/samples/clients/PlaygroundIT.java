package io.gatepost.samples.clients;

import java.io.File;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The playground's page in headless Chromium, driven by {@code playground.mjs}; its pictures go beside that. */
@Timeout(300)
class PlaygroundIT {
    private static final File FOLDER = new File("target/test-classes/playground");

    @TempDir
    private static Path folder;

    private static RunningGateway gateway;
    private static String page;

    @BeforeAll
    static void start() throws Exception {
        Tool.run(FOLDER, List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"));
        try (ServerSocket free = new ServerSocket(0)) {
            page = "http://127.0.0.1:" + free.getLocalPort() + "/playground/";
        }
        String port = page.replaceAll(".*:(\\d+)/.*", "$1");
        gateway = RunningGateway.start(folder, RunningGateway.ORIGIN, "--playground", "--admin-port", port);
    }

    @AfterAll
    static void stop() {
        gateway.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "decidesOnTheExampleAtOnce",
                "showsMistakesAsTheyAreTypedAndLeadsToThem",
                "tellsWhatIsProbablyAMistakeAndLeadsToIt",
                "decidesAnewWhenClaimsChange",
                "saysWhichJsonCannotBeRead",
                "isUsedByKeyboardOnly",
                "completesNamesOfExpressions",
                "sharesALinkThatRestoresThePage",
                "leavesSecretsOutOfTheLinkAndSaysSo",
                "survivesALinkThatIsNone",
                "takesNoMarkupFromWhatIsTyped",
                "asksNoOtherOrigin",
                "isAccessibleInLightAndDark",
                "fitsNarrowWindows"
            })
    void works(String scenario) throws Exception {
        Tool.run(FOLDER, List.of("node", "playground.mjs", page, scenario));
    }
}
