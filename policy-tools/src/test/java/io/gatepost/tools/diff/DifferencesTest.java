package io.gatepost.tools.diff;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.model.TrafficPolicy;
import io.gatepost.tools.diff.PolicyDiff.Side;
import io.gatepost.tools.token.TokenIssuer;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.RecordComponent;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever a policy says, another one that says something else differs from it. */
class DifferencesTest {
    private static final TokenIssuer ISSUER =
            TokenIssuer.of("https://id.example.com", "ES256", "Aa", Clock.systemUTC());
    private static final TokenIssuer OTHER = TokenIssuer.of("https://id.example.com", "ES256", "BB", Clock.systemUTC());

    private static final String POLICY = """
            apiVersion: agentgateway.dev/v1alpha1
            kind: AgentgatewayPolicy
            metadata: {name: door}
            spec:
              %s
              traffic:
                phase: PostRouting
                jwtAuthentication:
                  mode: Strict
                  location: %s
                  providers:
                    - issuer: https://id.example.com
                      audiences: [llm]
                      requiredClaims: [exp]
                      clockSkew: 60s
                      tokenType: at+jwt
                      jwks: %s
                authorization:
                  action: Allow
                  policy: {matchExpressions: ['jwt.team == "red"']}
            """;

    private static final String REFS =
            "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: llm, sectionName: http}]";
    private static final String SELECTORS =
            "targetSelectors: [{group: gateway.networking.k8s.io, kind: Gateway, matchLabels: {a: b}, sectionName: http}]";
    private static final String HEADER = "{header: {name: x-token, prefix: 'Bearer '}}";

    private static List<TrafficPolicy> policies(String targets, String location, String jwks) {
        return PolicyReader.parse("p.yaml", POLICY.formatted(targets, location, jwks));
    }

    /** Policies that have every part between them. */
    static Stream<List<TrafficPolicy>> everyPart() {
        String inline = "{inline: '" + ISSUER.jwks() + "'}";
        return Stream.of(
                policies(REFS, HEADER, inline),
                policies(SELECTORS, "{queryParameter: {name: token}}", "{file: keys/a.json}"),
                policies(
                        REFS,
                        "{cookie: {name: token}}",
                        "{remote: {url: 'https://id.example.com/keys', cacheDuration: 5m}}"),
                policies(
                        REFS,
                        "{expression: 'request.headers[\"x-token\"]'}",
                        "{remote: {jwksPath: /keys, cacheDuration: 5m, backendRef: {kind: Service, name: keys, namespace: id,"
                                + " port: 80}}}"));
    }

    /** A new part of the model needs no line here: it fails until it is compared. */
    @ParameterizedTest
    @MethodSource("everyPart")
    void noPartOfAPolicyIsPassedOver(List<TrafficPolicy> policies) {
        for (TrafficPolicy policy : policies) {
            List<String> changes = new ArrayList<>();
            changed(policy, "policy", (path, other) -> {
                changes.add(path);
                assertThat(differences(List.of(policy), List.of((TrafficPolicy) other)))
                        .as("a change of %s is a difference", path)
                        .isNotEmpty();
            });
            assertThat(changes).hasSizeGreaterThan(20);
        }
    }

    private static List<Difference> differences(List<TrafficPolicy> from, List<TrafficPolicy> to) {
        return PolicyDiff.of(Side.of(from), Side.of(to), List.of(), 0, Clock.systemUTC())
                .differences();
    }

    private interface Seen {
        void changed(String path, Object whole);
    }

    /** The record with each of its parts changed, and the parts of its parts, one at a time. */
    private static void changed(Record whole, String path, Seen seen) {
        RecordComponent[] components = whole.getClass().getRecordComponents();
        for (int i = 0; i < components.length; i++) {
            RecordComponent component = components[i];
            String name = path + "." + component.getName();
            if (component.getType() == Origin.class || component.getName().equals("runs")) {
                continue;
            }
            int at = i;
            Object value = value(whole, component);
            Seen within = (inner, part) -> {
                Object copy = copy(whole, at, part);
                if (copy != null) {
                    seen.changed(inner, copy);
                }
            };
            if (value instanceof Record record) {
                changed(record, name, within);
            } else if (value instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof Record first) {
                changed(first, name, (inner, part) -> within.changed(inner, List.of(part)));
            } else if (value != null && !(value instanceof List<?> list && list.isEmpty())) {
                within.changed(name, another(value));
            }
        }
    }

    private static Object another(Object value) {
        if (value instanceof Enum<?> constant) {
            return Stream.of(constant.getDeclaringClass().getEnumConstants())
                    .filter(one -> !one.equals(constant))
                    .findFirst()
                    .orElseThrow();
        }
        if (value instanceof String text) {
            return text.startsWith("{\"keys\"") ? OTHER.jwks() : text + "x";
        }
        if (value instanceof Integer number) {
            return number + 1;
        }
        if (value instanceof Duration duration) {
            return duration.plusSeconds(1);
        }
        if (value instanceof Path file) {
            return Path.of("elsewhere").resolve(file);
        }
        if (value instanceof URI uri) {
            return uri.resolve("/other");
        }
        if (value instanceof Map<?, ?>) {
            return Map.of("other", "value");
        }
        if (value instanceof Set<?>) {
            return Set.of("other");
        }
        if (value instanceof List<?>) {
            return List.of("other");
        }
        throw new AssertionError("say what another " + value.getClass() + " is");
    }

    private static @Nullable Object value(Record whole, RecordComponent component) {
        try {
            return component.getAccessor().invoke(whole);
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    /** Null where such a record can't be. */
    private static @Nullable Object copy(Record whole, int at, Object part) {
        RecordComponent[] components = whole.getClass().getRecordComponents();
        try {
            Constructor<?> constructor = whole.getClass()
                    .getDeclaredConstructor(Arrays.stream(components)
                            .map(RecordComponent::getType)
                            .toArray(Class[]::new));
            @Nullable
            Object[] parts =
                    Arrays.stream(components).map(one -> value(whole, one)).toArray();
            parts[at] = part;
            return constructor.newInstance(parts);
        } catch (java.lang.reflect.InvocationTargetException refused) {
            return null;
        } catch (ReflectiveOperationException e) {
            throw new LinkageError(e.getMessage(), e);
        }
    }

    private static List<TrafficPolicy> keys(String jwks) {
        return policies(REFS, HEADER, jwks);
    }

    @Test
    void keysAreToldByTheirThumbprints() {
        List<Difference> told =
                differences(keys("{inline: '" + ISSUER.jwks() + "'}"), keys("{inline: '" + OTHER.jwks() + "'}"));
        assertThat(told)
                .extracting(Difference::text)
                .anySatisfy(text ->
                        assertThat(text).matches("key `Aa`, alg ES256, use sig, thumbprint [\\w-]{43} of provider .*"))
                .anySatisfy(text -> assertThat(text).startsWith("key `BB`"));
        assertThat(differences(
                        keys("{inline: '" + ISSUER.jwks() + "'}"),
                        keys("{inline: '" + ISSUER.jwks().replace(",", " , ") + "'}")))
                .as("layout is no difference")
                .isEmpty();
    }

    @Test
    void anotherIdOfTheSameKeyIsADifference() {
        assertThat("Aa".hashCode()).isEqualTo("BB".hashCode());
        assertThat(differences(
                        keys("{inline: '" + ISSUER.jwks() + "'}"),
                        keys("{inline: '" + ISSUER.jwks().replace("\"Aa\"", "\"BB\"") + "'}")))
                .hasSize(2);
    }

    @Test
    void aKeyFileInAnotherFolderIsADifferenceAndSoIsWhatIsInIt(@TempDir Path folder) throws IOException {
        Path former = Files.createDirectories(folder.resolve("a")).resolve("keys.json");
        Path other = Files.createDirectories(folder.resolve("b")).resolve("keys.json");
        Files.writeString(former, ISSUER.jwks());
        Files.writeString(other, ISSUER.jwks());
        List<TrafficPolicy> from = keys("{file: " + former + "}");
        assertThat(differences(from, keys("{file: " + other + "}")))
                .extracting(Difference::text)
                .singleElement()
                .asString()
                .startsWith("jwks.path of provider `https://id.example.com` of policy default/door: ");
        Files.writeString(other, OTHER.jwks());
        assertThat(differences(from, keys("{file: " + other + "}"))).hasSize(3);
    }
}
