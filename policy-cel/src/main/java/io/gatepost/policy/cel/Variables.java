package io.gatepost.policy.cel;

import com.google.common.collect.ImmutableCollection;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.primitives.UnsignedLong;
import dev.cel.common.types.CelType;
import dev.cel.common.types.CelTypeProvider;
import dev.cel.common.types.MapType;
import dev.cel.common.types.SimpleType;
import dev.cel.common.types.StructType;
import dev.cel.common.values.NullValue;
import dev.cel.runtime.CelVariableResolver;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The variables of reference section 3.1 that can have a value when a request is authorized: their types and values.
 */
final class Variables implements CelTypeProvider {
    private static final CelType STRING = SimpleType.STRING;
    private static final CelType BYTES = SimpleType.BYTES;
    private static final CelType UINT = SimpleType.UINT;
    private static final CelType DYN = SimpleType.DYN;
    private static final MapType HEADERS = MapType.create(STRING, DYN);

    /** Structures by the name of their variable. */
    private static final Map<String, StructType> STRUCTURES = Map.of(
            "request",
                    structure(
                            "Request",
                            ImmutableMap.<String, CelType>builder()
                                    .put("method", STRING)
                                    .put("scheme", STRING)
                                    .put("host", STRING)
                                    .put("path", STRING)
                                    .put("pathAndQuery", STRING)
                                    .put("uri", STRING)
                                    .put("version", STRING)
                                    .put("headers", HEADERS)
                                    .put("body", BYTES)
                                    .put("bodyPrefix", BYTES)
                                    .put("startTime", SimpleType.TIMESTAMP)
                                    .build()),
            "source",
                    structure(
                            "Source",
                            ImmutableMap.of("address", STRING, "rawAddress", STRING, "port", UINT, "rawPort", UINT)),
            "llm",
                    structure(
                            "Llm",
                            ImmutableMap.of(
                                    "requestModel",
                                    STRING,
                                    "streaming",
                                    SimpleType.BOOL,
                                    "params",
                                    MapType.create(STRING, DYN))));

    /** Variables whose fields are not known beforehand; null where they are absent. */
    private static final Set<String> OPEN =
            Set.of("jwt", "apiKey", "basicAuth", "destination", "proxy", "env", "metadata", "extauthz", "extproc");

    private static StructType structure(String name, ImmutableMap<String, CelType> fields) {
        return StructType.create("gatepost." + name, fields.keySet(), field -> Optional.ofNullable(fields.get(field)));
    }

    static Map<String, CelType> declared() {
        ImmutableMap.Builder<String, CelType> types = ImmutableMap.builder();
        STRUCTURES.forEach(types::put);
        OPEN.forEach(name -> types.put(name, DYN));
        return types.build();
    }

    /** The fields of the structure with this type's name, for suggestions. */
    static Set<String> fields() {
        return STRUCTURES.values().stream()
                .flatMap(structure -> structure.fieldNames().stream())
                .collect(java.util.stream.Collectors.toUnmodifiableSet());
    }

    @Override
    public ImmutableCollection<CelType> types() {
        return ImmutableList.copyOf(STRUCTURES.values());
    }

    @Override
    public Optional<CelType> findType(String name) {
        return STRUCTURES.values().stream()
                .filter(type -> type.name().equals(name))
                .<CelType>map(type -> type)
                .findFirst();
    }

    /** The values for one evaluation. An attribute of the request comes before the variable of its name. */
    static CelVariableResolver values(PolicyRequest request, @Nullable VerifiedToken token) {
        return name -> {
            Object attribute = request.attribute(name);
            return attribute != null
                    ? Optional.of(Values.toCel(attribute))
                    : Optional.ofNullable(standard(name, request, token));
        };
    }

    private static @Nullable Object standard(String name, PolicyRequest request, @Nullable VerifiedToken token) {
        return switch (name) {
            case "request" -> new StructuredValue("gatepost.Request", field -> field(request, field));
            case "jwt" -> token == null ? NullValue.NULL_VALUE : new MapValue(token.claims());
            case "source" -> new StructuredValue("gatepost.Source", field -> source(request, field));
            case "llm" -> LlmRequest.of(request);
            default -> OPEN.contains(name) ? NullValue.NULL_VALUE : null;
        };
    }

    private static @Nullable Object field(PolicyRequest request, String field) {
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
            case "body", "bodyPrefix" -> request.body();
            case "startTime" -> Instant.now();
            default -> null;
        };
    }

    private static String pathAndQuery(PolicyRequest request) {
        return request.query() == null ? request.path() : request.path() + "?" + request.query();
    }

    private static @Nullable Object source(PolicyRequest request, String field) {
        return switch (field) {
            case "address", "rawAddress" -> request.sourceAddress().isEmpty() ? null : request.sourceAddress();
            case "port", "rawPort" -> UnsignedLong.valueOf(request.sourcePort());
            default -> null;
        };
    }
}
