package io.gatepost.samples.gateway;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;

/** Lines of JSON in, lines of JSON out: whoever asks line by line is answered line by line. */
final class Ndjson {
    private Ndjson() {}

    static void answerEach(UnaryOperator<String> answers) throws IOException {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        try {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (!line.isBlank()) {
                    out.println(answers.apply(line));
                }
                if (!in.ready()) {
                    out.flush();
                }
            }
        } finally {
            out.flush();
        }
    }
}
