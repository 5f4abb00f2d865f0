package io.gatepost.routes;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.cel.LinearRegex;
import io.gatepost.policy.diagnostic.Diagnostic.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestSourceTest {
    private static final String ROUTE = """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: chat}
            spec: {rules: [{matches: [{path: {type: RegularExpression, value: 'PATTERN'}}]}]}
            """;

    @TempDir
    private Path folder;

    private ManifestSource source() {
        return ManifestSource.ofFiles(List.of(folder), Severity.ERROR, name -> null, LinearRegex::of);
    }

    @Test
    void readsFilesAnewEachTime() throws IOException {
        ManifestSource source = source();
        assertThat(source.read().routes()).isEmpty();

        Files.writeString(folder.resolve("route.yaml"), ROUTE.replace("PATTERN", "/a.*"));

        assertThat(source.read().routes()).hasSize(1);
    }

    @Test
    void holdsThePatternThatWasCompiledWhenItWasRead() throws IOException {
        Files.writeString(folder.resolve("route.yaml"), ROUTE.replace("PATTERN", "/a.*"));

        var path =
                source().read().routes().get(0).rules().get(0).matches().get(0).path();

        assertThat(path.compiled()).isInstanceOf(LinearRegex.class).hasToString("/a.*");
    }

    @Test
    void tellsOfABrokenPatternThatMatchesNothing() throws IOException {
        Files.writeString(folder.resolve("route.yaml"), ROUTE.replace("PATTERN", "/a("));

        var read = source().read();

        assertThat(read.diagnostics()).anyMatch(told -> told.message().contains("the syntax is RE2's"));
        var path = read.routes().get(0).rules().get(0).matches().get(0).path();
        assertThat(path.compiled()).hasToString("/a(");
        assertThat(path.compiled()).isNotNull().matches(pattern -> !pattern.matches("/a("));
    }
}
