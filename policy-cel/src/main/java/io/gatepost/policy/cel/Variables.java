package io.gatepost.policy.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.ListType;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.types.TypeType;
import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelVariableResolver;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The variables of {@code docs/authorization.md#variables} that can have a value when a request is authorized, and
 * those that a caller adds: their types and values.
 *
 * <p>A value comes from the request's attribute of the variable's name, a field's from that of its name with the
 * variable's before it ({@code source.identity}); otherwise from the request and the token themselves.
 */
final class Variables implements CelTypeProvider {
    private static final CelType STRING = SimpleType.STRING;
    private static final CelType BYTES = SimpleType.BYTES;
    private static final CelType UINT = SimpleType.UINT;
    private static final CelType DYN = SimpleType.DYN;
    private static final CelType STRINGS = MapType.create(STRING, DYN);

    /** The original's other name for the type {@code double}. */
    static final String FLOAT = "float";

    static final StructType REQUEST = structure(
            "Request",
            ImmutableMap.<String, CelType>builder()
                    .put("method", STRING)
                    .put("scheme", STRING)
                    .put("host", STRING)
                    .put("path", STRING)
                    .put("pathAndQuery", STRING)
                    .put("uri", STRING)
                    .put("version", STRING)
                    .put("headers", HeadersValue.TYPE)
                    .put("body", BYTES)
                    .put("bodyPrefix", BYTES)
                    .put("startTime", SimpleType.TIMESTAMP)
                    .build());

    static final StructType SOURCE = structure(
            "Source",
            ImmutableMap.<String, CelType>builder()
                    .put("address", STRING)
                    .put("rawAddress", STRING)
                    .put("port", UINT)
                    .put("rawPort", UINT)
                    .put("identity", DYN)
                    .put("spiffeId", DYN)
                    .put("subjectAltNames", ListType.create(STRING))
                    .put("issuer", STRING)
                    .put("subject", STRING)
                    .put("subjectCn", DYN)
                    .put("certificate", DYN)
                    .put("unverifiedWorkload", DYN)
                    .put("connectHeaders", STRINGS)
                    .build());

    static final StructType LLM =
            structure("Llm", ImmutableMap.of("requestModel", STRING, "streaming", SimpleType.BOOL, "params", STRINGS));

    private static final Map<String, String> REQUEST_ATTRIBUTES = attributes("request", REQUEST);
    private static final Map<String, String> SOURCE_ATTRIBUTES = attributes("source", SOURCE);

    private static final StructType DESTINATION =
            structure("Destination", ImmutableMap.of("address", STRING, "port", UINT, "hostname", STRING));
    private static final StructType BASIC_AUTH = structure("BasicAuth", ImmutableMap.of("username", STRING));
    private static final StructType ENV =
            structure("Env", ImmutableMap.of("podName", STRING, "namespace", STRING, "gateway", STRING));
    private static final StructType GATEWAY =
            structure("Gateway", ImmutableMap.of("namespace", STRING, "name", STRING));
    private static final StructType LISTENER = structure("Listener", ImmutableMap.of("name", STRING));
    private static final StructType ROUTE =
            structure("Route", ImmutableMap.of("namespace", STRING, "name", STRING, "kind", STRING, "rule", STRING));
    private static final StructType PROXY = structure(
            "Proxy", ImmutableMap.of("bind", STRING, "gateway", GATEWAY, "listener", LISTENER, "route", ROUTE));

    private static final Map<String, CelType> STANDARD = ImmutableMap.<String, CelType>builder()
            .put("request", REQUEST)
            .put("jwt", DYN)
            .put("apiKey", DYN)
            .put("basicAuth", BASIC_AUTH)
            .put("source", SOURCE)
            .put("destination", DESTINATION)
            .put("proxy", PROXY)
            .put("env", ENV)
            .put("llm", LLM)
            .put("extauthz", DYN)
            .put("extproc", DYN)
            .put("metadata", DYN)
            .build();

    private static final Map<String, StructType> STRUCTURES = Stream.of(
                    REQUEST, SOURCE, LLM, DESTINATION, BASIC_AUTH, ENV, GATEWAY, LISTENER, ROUTE, PROXY)
            .collect(Collectors.toUnmodifiableMap(StructType::name, type -> type));

    private final ImmutableSet<String> added;
    private final ImmutableMap<String, CelType> types;

    /** @param added further names, of any type; a standard variable of the same name gives way */
    Variables(Collection<String> added) {
        this.added = ImmutableSet.copyOf(added);
        Map<String, CelType> all = new LinkedHashMap<>(STANDARD);
        added.forEach(name -> all.put(name, DYN));
        types = ImmutableMap.copyOf(all);
    }

    private static StructType structure(String name, ImmutableMap<String, CelType> fields) {
        return StructType.create("gatepost." + name, fields.keySet(), field -> Optional.ofNullable(fields.get(field)));
    }

    /** The names of the attributes that take the place of a variable's fields. */
    private static Map<String, String> attributes(String variable, StructType type) {
        return type.fieldNames().stream()
                .collect(Collectors.toUnmodifiableMap(field -> field, field -> variable + "." + field));
    }

    /** Every variable with its type. */
    ImmutableMap<String, CelType> declared() {
        return types;
    }

    /** The names that have their standard value, where the request has no attribute of that name. */
    Set<String> standard() {
        return Sets.difference(STANDARD.keySet(), added);
    }

    /** The names that can be null: all but those that every request fills. */
    ImmutableSet<String> nullable() {
        return types.keySet().stream()
                .filter(name ->
                        added.contains(name) || !Set.of("request", "source").contains(name))
                .collect(ImmutableSet.toImmutableSet());
    }

    /** The fields behind a name, of a variable or a field; all there are where the name has none. */
    Set<String> fields(String name) {
        Set<String> of = STRUCTURES.values().stream()
                .filter(type -> type.name().equalsIgnoreCase("gatepost." + name))
                .flatMap(type -> type.fieldNames().stream())
                .collect(Collectors.toUnmodifiableSet());
        return of.isEmpty()
                ? STRUCTURES.values().stream()
                        .flatMap(type -> type.fieldNames().stream())
                        .collect(Collectors.toUnmodifiableSet())
                : of;
    }

    @Override
    public ImmutableCollection<CelType> types() {
        return ImmutableList.copyOf(STRUCTURES.values());
    }

    @Override
    public Optional<CelType> findType(String name) {
        return Optional.ofNullable(STRUCTURES.get(name));
    }

    /** The values for one evaluation, each made once. */
    CelVariableResolver values(PolicyRequest request, @Nullable VerifiedToken token) {
        return new Once(request, token);
    }

    /** Most expressions name one variable, or name the same one several times: those need no map. */
    private final class Once implements CelVariableResolver {
        private final PolicyRequest request;
        private final @Nullable VerifiedToken token;
        private String first = "";
        private @Nullable Object firstValue;
        private @Nullable Map<String, Object> others;

        Once(PolicyRequest request, @Nullable VerifiedToken token) {
            this.request = request;
            this.token = token;
        }

        @Override
        public Optional<Object> find(String name) {
            if (firstValue == null) {
                first = name;
                firstValue = value(name, request, token);
            }
            return Optional.of(name.equals(first) ? firstValue : other(name));
        }

        private Object other(String name) {
            if (others == null) {
                others = new HashMap<>();
            }
            Object value = others.get(name);
            if (value == null) {
                value = value(name, request, token);
                others.put(name, value);
            }
            return value;
        }
    }

    private Object value(String name, PolicyRequest request, @Nullable VerifiedToken token) {
        if (name.equals(FLOAT)) {
            return TypeType.create(SimpleType.DOUBLE);
        }
        Object attribute = request.attribute(name);
        if (attribute != null) {
            return attribute(name, attribute);
        }
        Object standard = added.contains(name) ? null : standard(name, request, token);
        return standard == null ? NullValue.NULL_VALUE : standard;
    }

    private static Object attribute(String name, Object value) {
        return switch (name) {
            case "jwt" -> claims(redacted(value, TokenValue.RAW_TOKEN));
            case "apiKey" -> redacted(value, "key");
            default -> Values.toCel(value);
        };
    }

    private static Object claims(Object value) {
        return value instanceof MapValue map ? new ClaimsValue(map.raw()) : value;
    }

    private static Object redacted(Object value, String field) {
        if (!(value instanceof Map<?, ?> map) || !(map.get(field) instanceof String secret)) {
            return Values.toCel(value);
        }
        Map<Object, @Nullable Object> copy = new LinkedHashMap<>(map);
        copy.put(field, new RedactedValue(secret));
        return new MapValue(copy);
    }

    private static @Nullable Object standard(String name, PolicyRequest request, @Nullable VerifiedToken token) {
        return switch (name) {
            case "request" -> structured(REQUEST, request);
            case "source" -> structured(SOURCE, request);
            case "jwt" -> token == null ? null : new TokenValue(token.claims());
            case "llm" -> LlmRequest.of(request);
            default -> null;
        };
    }

    private static StructuredValue structured(StructType type, PolicyRequest request) {
        Map<String, String> attributes = type == REQUEST ? REQUEST_ATTRIBUTES : SOURCE_ATTRIBUTES;
        return new StructuredValue(type, field -> {
            Object attribute = request.attribute(attributes.getOrDefault(field, ""));
            if (attribute != null) {
                return attribute;
            }
            return type == REQUEST ? request(request, field) : source(request, field);
        });
    }

    static @Nullable Object request(PolicyRequest request, String field) {
        return switch (field) {
            case "method" -> request.method();
            case "scheme" -> request.scheme();
            case "host" -> request.host();
            case "path" -> request.path();
            case "pathAndQuery" -> pathAndQuery(request);
            case "uri" ->
                request.host().isEmpty()
                        ? pathAndQuery(request)
                        : request.scheme() + "://" + request.host() + pathAndQuery(request);
            case "version" -> request.version();
            case "headers" -> new HeadersValue(request);
            case "body", "bodyPrefix" -> request.body() == null ? null : Evaluation.bodyValue(request.body());
            case "startTime" -> Evaluation.context().startTime();
            default -> null;
        };
    }

    private static String pathAndQuery(PolicyRequest request) {
        return request.query() == null ? request.path() : request.path() + "?" + request.query();
    }

    static @Nullable Object source(PolicyRequest request, String field) {
        return switch (field) {
            case "address", "rawAddress" -> request.sourceAddress().isEmpty() ? null : request.sourceAddress();
            case "port", "rawPort" -> UnsignedLong.valueOf(request.sourcePort());
            default -> null;
        };
    }
}
