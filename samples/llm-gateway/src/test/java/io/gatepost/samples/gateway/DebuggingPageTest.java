package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.samples.gateway.server.GatewayServer;
import io.gatepost.samples.gateway.server.ServeOptions;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keeps docs/debugging.md true: its three steps, taken. */
class DebuggingPageTest {
    @TempDir
    private Path folder;

    private Markdown page = new Markdown(List.of());
    private Path file = Path.of("");

    @BeforeEach
    void readPage() throws Exception {
        page = Markdown.read("docs/debugging.md");
        file = Files.writeString(folder.resolve("policies.yaml"), page.only("yaml"));
    }

    private String text(int number) {
        return page.blocks().stream()
                .filter(block -> block.language().equals("text"))
                .map(Markdown.Block::text)
                .toList()
                .get(number);
    }

    @Test
    void answersWhyByTheIdOfADenial() throws Exception {
        Path audit = folder.resolve("audit.ndjson");
        String id = denied(audit);

        Cli why = Cli.run("why", id, "--audit", audit.toString());

        assertThat(why.out()
                        .replace(file.toString(), "policies.yaml")
                        .replace(id, "ID")
                        .replaceFirst("ID at \\S+Z:", "ID at TIME:"))
                .isEqualTo(text(0));
    }

    private String denied(Path audit) throws Exception {
        try (GatewayServer gateway = GatewayServer.start(ServeOptions.builder(file)
                .upstreams(new ServeOptions.Upstreams(true, null, Map.of()))
                .audit(new ServeOptions.AuditOptions(audit, List.of(), true))
                .build())) {
            HttpRequest request = HttpRequest.newBuilder(gateway.url().resolve("/v1/chat/completions"))
                    .POST(HttpRequest.BodyPublishers.noBody())
                    .build();
            return HttpClient.newHttpClient()
                    .send(request, HttpResponse.BodyHandlers.discarding())
                    .headers()
                    .firstValue("x-request-id")
                    .orElseThrow();
        }
    }

    @Test
    void findsWhatWouldLetItPass() {
        String[] args = Pattern.compile("'([^']*)'|(\\S+)")
                .matcher(page.only("bash").replaceFirst("^llm-gateway ", "").replace("policies.yaml", file.toString()))
                .results()
                .map(arg -> arg.group(1) == null ? arg.group(2) : arg.group(1))
                .toArray(String[]::new);

        Cli explained = Cli.run(args);

        assertThat(explained.err()).isEmpty();
        assertThat(explained.out().replace(file.toString(), "policies.yaml")).isEqualTo(text(1));
    }
}
