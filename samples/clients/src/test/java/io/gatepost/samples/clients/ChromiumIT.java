package io.gatepost.samples.clients;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A page of another origin, in headless Chromium. */
@Timeout(300)
class ChromiumIT {
    private static final List<String> CHROMIUM = List.of(
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync");

    @TempDir
    private Path folder;

    private final CompletableFuture<String> report = new CompletableFuture<>();
    private @Nullable HttpServer pages;
    private @Nullable RunningGateway gateway;
    private @Nullable Process chromium;
    private byte[] page = {};

    /** The page is given, and takes what it saw back where it came from. */
    @BeforeEach
    void servePages() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> respond(exchange, page));
        server.createContext("/report", exchange -> {
            report.complete(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
            respond(exchange, new byte[0]);
        });
        server.start();
        pages = server;
    }

    @AfterEach
    void stop() throws InterruptedException {
        if (chromium != null) {
            chromium.descendants().forEach(ProcessHandle::destroyForcibly);
            chromium.destroyForcibly();
            chromium.waitFor();
        }
        if (gateway != null) {
            gateway.close();
        }
        if (pages != null) {
            pages.stop(0);
        }
    }

    @Test
    void readsAnswersAndRefusalsOfTheGateway() throws Exception {
        open(origin());

        assertThat(report.get(2, TimeUnit.MINUTES).lines())
                .satisfiesExactly(
                        plain -> assertThat(plain).startsWith("200 ").contains(RunningGateway.ANSWER),
                        streamed -> assertThat(streamed).startsWith("200 ").contains("data: [DONE]"),
                        missing -> assertThat(missing).startsWith("401 ").contains(RunningGateway.NO_TOKEN),
                        bad -> assertThat(bad).startsWith("401 ").contains(RunningGateway.BAD_TOKEN),
                        forbidden -> assertThat(forbidden).startsWith("403 ").contains(RunningGateway.FORBIDDEN));
    }

    @Test
    void readsNothingFromAnOriginThatIsNotAllowed() throws Exception {
        open("https://app.example.com");

        assertThat(report.get(2, TimeUnit.MINUTES).lines()).hasSize(5).allMatch("TypeError: Failed to fetch"::equals);
    }

    private void open(String allowedOrigin) throws IOException {
        RunningGateway started =
                RunningGateway.start(Files.createDirectory(folder.resolve("manifests")), allowedOrigin);
        gateway = started;
        page = """
                <!doctype html>
                <script>
                  async function ask(token, stream) {
                    const headers = {'content-type': 'application/json'};
                    if (token) headers.authorization = `Bearer ${token}`;
                    const body = {model: 'gpt-4.1-nano', messages: [{role: 'user', content: '?'}], stream};
                    try {
                      const answer = await fetch('BASE_URL/chat/completions', {method: 'POST', headers, body: JSON.stringify(body)});
                      return `${answer.status} ${(await answer.text()).replaceAll('\\n', ' ')}`;
                    } catch (problem) {
                      return String(problem);
                    }
                  }
                  (async () => {
                    const seen = [await ask('ALICE', false), await ask('ALICE', true), await ask('', false),
                                  await ask('FORGED', false), await ask('BOB', false)];
                    await fetch('/report', {method: 'POST', body: seen.join('\\n')});
                  })();
                </script>
                """.replace("BASE_URL", started.baseUrl())
                .replace("ALICE", RunningGateway.token("alice"))
                .replace("FORGED", RunningGateway.forgedToken())
                .replace("BOB", RunningGateway.token("bob"))
                .getBytes(StandardCharsets.UTF_8);
        List<String> command = new ArrayList<>(CHROMIUM);
        command.add("--user-data-dir=" + Files.createDirectory(folder.resolve("profile")));
        command.add(origin() + "/");
        chromium = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(new File("target", "chromium.log"))
                .start();
    }

    private String origin() {
        return pages == null ? "" : "http://127.0.0.1:" + pages.getAddress().getPort();
    }

    private static void respond(HttpExchange exchange, byte[] body) throws IOException {
        try (exchange) {
            exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
        }
    }
}
