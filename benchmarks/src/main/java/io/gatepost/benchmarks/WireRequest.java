package io.gatepost.benchmarks;

import io.gatepost.policy.PolicyRequest;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A request as an adapter shows it, without a copy of anything; only the credential is new each time. */
record WireRequest(String authorization) implements PolicyRequest {
    private static final Map<String, List<String>> HEADERS = Map.of(
            "host", List.of("llm.example.com"),
            "content-type", List.of("application/json"),
            "user-agent", List.of("OpenAI/Python 2.8.0"),
            "x-team", List.of("research"));

    @Override
    public String method() {
        return "POST";
    }

    @Override
    public String scheme() {
        return "https";
    }

    @Override
    public String host() {
        return "llm.example.com";
    }

    @Override
    public String path() {
        return "/v1/chat/completions";
    }

    @Override
    public @Nullable String query() {
        return null;
    }

    @Override
    public String version() {
        return "HTTP/1.1";
    }

    @Override
    public List<String> headers(String name) {
        return name.equalsIgnoreCase("authorization") ? List.of(authorization) : HEADERS.getOrDefault(name, List.of());
    }

    @Override
    public Collection<String> headerNames() {
        return HEADERS.keySet();
    }

    @Override
    public String sourceAddress() {
        return "127.0.0.1";
    }

    @Override
    public int sourcePort() {
        return 50_000;
    }
}
