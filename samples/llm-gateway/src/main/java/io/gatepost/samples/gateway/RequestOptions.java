package io.gatepost.samples.gateway;

import io.gatepost.tools.replay.RecordedRequest;
import io.gatepost.tools.replay.Recording;
import io.gatepost.tools.suite.AskedRequest;
import io.gatepost.tools.suite.UnreadableRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Which request is asked about: said as curl has it said, or taken from a file. */
@SuppressWarnings("NullAway.Init")
final class RequestOptions {
    @Parameters(arity = "0..1", paramLabel = "URL", description = "as for curl")
    private @Nullable String url;

    @Option(
            names = {"-X", "--request"},
            paramLabel = "METHOD",
            description = "default GET, with -d POST")
    private @Nullable String method;

    @Option(
            names = {"-H", "--header"},
            paramLabel = "'Name: value'",
            description = "a header; a bearer token in it is verified and not printed; repeatable")
    private List<String> headers = List.of();

    @Option(
            names = {"-d", "--data"},
            paramLabel = "BODY",
            description = "the body; @FILE reads it from there")
    private @Nullable String data;

    @Option(names = "--source-address", paramLabel = "IP", description = "the client's address; default 127.0.0.1")
    private @Nullable String sourceAddress;

    @Option(
            names = "--claims",
            paramLabel = "JSON",
            description = "claims that stand in for a verified token: the rules only are asked")
    private @Nullable String claims;

    @Option(names = "--har", paramLabel = "FILE", description = "an entry of a HAR file, as browsers save it")
    private @Nullable Path har;

    @Option(names = "--ndjson", paramLabel = "FILE", description = "a line as `decide` reads it")
    private @Nullable Path ndjson;

    @Option(names = "--line", paramLabel = "N", defaultValue = "1", description = "which line or entry; default 1")
    private int line;

    /**
     * The request and what stands beside it, in the form of {@code decide}.
     *
     * @throws CommandException where there is none, or it can't be read
     */
    AskedRequest read() throws IOException {
        long sources = List.of(url != null, har != null, ndjson != null).stream()
                .filter(given -> given)
                .count();
        if (sources != 1) {
            throw new CommandException("expected one request: a URL, --har or --ndjson");
        }
        try {
            AskedRequest asked = url == null ? recorded(har == null ? ndjson : har) : AskedRequest.of(ofUrl(url));
            return claims == null ? asked : asked.withClaims(AskedRequest.JSON.readTree(claims));
        } catch (UnreadableRequestException e) {
            throw new CommandException(String.valueOf(e.getMessage()));
        } catch (JacksonException e) {
            throw new CommandException("--claims: this is not JSON");
        }
    }

    private AskedRequest recorded(@Nullable Path file) throws IOException, UnreadableRequestException {
        List<RecordedRequest> requests =
                Recording.read(Objects.requireNonNull(file)).requests();
        return requests.stream()
                .filter(one -> one.number() == line)
                .findFirst()
                .orElseThrow(() -> new CommandException(
                        "--line " + line + ": there is no such line or entry; the file has " + requests.size()))
                .asked();
    }

    private ObjectNode ofUrl(String target) throws IOException {
        ObjectNode asked = AskedRequest.JSON.createObjectNode();
        ObjectNode request = asked.putObject("request");
        request.put("method", method != null ? method : data == null ? "GET" : "POST");
        request.put("uri", target);
        ArrayNode list = request.putArray("headers");
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon < 1) {
                throw new CommandException("-H: expected 'Name: value'");
            }
            add(header.substring(0, colon), header.substring(colon + 1).strip(), request, list);
        }
        if (data != null) {
            request.put("body", data.startsWith("@") ? Files.readString(Path.of(data.substring(1))) : data);
        }
        if (sourceAddress != null) {
            request.put("sourceAddress", sourceAddress);
        }
        return asked;
    }

    /** A Host header counts instead of the URL's host, as for curl. */
    private static void add(String name, String value, ObjectNode request, ArrayNode list) {
        if (name.equalsIgnoreCase("host")) {
            String uri = request.path("uri").stringValue();
            request.put("uri", uri.replaceFirst("^(https?://)[^/?]*", "$1" + value));
        }
        list.addArray().add(name).add(value);
    }
}
