package io.gatepost.samples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** curl over HTTP/2, in the clear with prior knowledge and over TLS by ALPN. */
@Timeout(120)
class CurlIT {
    @TempDir
    private static Path folder;

    private static String certificate;
    private static RunningGateway clear;
    private static RunningGateway tls;

    @BeforeAll
    static void start() throws Exception {
        certificate = folder.resolve("cert.pem").toString();
        String key = folder.resolve("key.pem").toString();
        List<String> make = new ArrayList<>(List.of("openssl", "req", "-x509", "-nodes", "-newkey", "rsa:2048"));
        make.addAll(List.of("-subj", "/CN=gateway", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2"));
        make.addAll(List.of("-keyout", key, "-out", certificate));
        Tool.run(new File("."), make);
        clear = RunningGateway.start(folder);
        tls = RunningGateway.start(folder, RunningGateway.ORIGIN, "--tls-cert", certificate, "--tls-key", key);
    }

    @AfterAll
    static void stop() {
        clear.close();
        tls.close();
    }

    @Test
    void answersWithAToken() throws Exception {
        assertThat(ask(RunningGateway.token("alice"), false))
                .allSatisfy(answer ->
                        assertThat(answer).contains(RunningGateway.ANSWER).endsWith("\n2 200"));
    }

    @Test
    void streamsWithAToken() throws Exception {
        assertThat(ask(RunningGateway.token("alice"), true)).allSatisfy(events -> {
            assertThat(events).contains("data: [DONE]\n\n").endsWith("\n2 200");
            assertThat(events.lines().filter(line -> line.startsWith("data: {")))
                    .hasSizeGreaterThan(10);
        });
    }

    @Test
    void refusesWithoutAToken() throws Exception {
        refuses(null, RunningGateway.NO_TOKEN, 401);
    }

    @Test
    void refusesWhatARuleForbids() throws Exception {
        refuses(RunningGateway.token("bob"), RunningGateway.FORBIDDEN, 403);
    }

    private static void refuses(@Nullable String token, String message, int status) throws Exception {
        for (boolean stream : List.of(false, true)) {
            assertThat(ask(token, stream))
                    .allSatisfy(refusal -> assertThat(refusal).contains(message).endsWith("\n2 " + status));
        }
    }

    /** What is answered in the clear and over TLS: the body, and in a last line the version of HTTP and the status. */
    private static List<String> ask(@Nullable String token, boolean stream) throws Exception {
        return List.of(
                ask(clear, token, stream, "--http2-prior-knowledge"),
                ask(tls, token, stream, "--http2", "--cacert", certificate));
    }

    private static String ask(RunningGateway gateway, @Nullable String token, boolean stream, String... options)
            throws Exception {
        List<String> command = new ArrayList<>(List.of("curl", "-sS", "-N"));
        command.addAll(List.of(options));
        command.addAll(List.of("-w", "\n%{http_version} %{http_code}"));
        command.addAll(List.of("--json", """
                {"model": "gpt-4.1-nano", "messages": [{"role": "user", "content": "?"}], "stream": %s}\
                """.formatted(stream)));
        if (token != null) {
            command.addAll(List.of("-H", "Authorization: Bearer " + token));
        }
        command.add(gateway.baseUrl() + "/chat/completions");
        return Tool.run(new File("."), command);
    }
}
