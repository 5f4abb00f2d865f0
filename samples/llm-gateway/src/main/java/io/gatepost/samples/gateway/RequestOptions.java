package io.gatepost.samples.gateway;

import io.gatepost.testkit.suite.AskedRequest;
import io.gatepost.testkit.suite.UnreadableRequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
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
        try {
            return AskedRequest.of(line());
        } catch (UnreadableRequestException | JacksonException e) {
            throw new CommandException(
                    e instanceof JacksonException ? "this is not JSON" : String.valueOf(e.getMessage()));
        }
    }

    private JsonNode line() throws IOException {
        long sources = List.of(url != null, har != null, ndjson != null).stream()
                .filter(given -> given)
                .count();
        if (sources != 1) {
            throw new CommandException("expected one request: a URL, --har or --ndjson");
        }
        ObjectNode asked = har != null ? ofHar(har) : ndjson != null ? ofLine(ndjson) : ofUrl(String.valueOf(url));
        if (claims != null) {
            asked.set("claims", AskedRequest.JSON.readTree(claims));
        }
        return asked;
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

    private ObjectNode ofLine(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file).stream()
                .filter(text -> !text.isBlank())
                .toList();
        if (line < 1 || line > lines.size()) {
            throw new CommandException("--line " + line + ": the file has " + lines.size() + " lines");
        }
        JsonNode read = AskedRequest.JSON.readTree(lines.get(line - 1));
        if (read instanceof ObjectNode object) {
            return object;
        }
        throw new CommandException("line " + line + ": expected an object");
    }

    private ObjectNode ofHar(Path file) throws IOException {
        JsonNode entries =
                AskedRequest.JSON.readTree(Files.readString(file)).path("log").path("entries");
        if (line < 1 || line > entries.size()) {
            throw new CommandException("--line " + line + ": the file has " + entries.size() + " entries");
        }
        JsonNode sent = entries.path(line - 1).path("request");
        ObjectNode asked = AskedRequest.JSON.createObjectNode();
        ObjectNode request = asked.putObject("request");
        request.set("method", sent.path("method"));
        request.set("uri", sent.path("url"));
        ArrayNode list = request.putArray("headers");
        for (JsonNode header : sent.path("headers")) {
            String name = header.path("name").asString("");
            if (!name.startsWith(":")) {
                add(name, header.path("value").asString(""), request, list);
            }
        }
        if (sent.path("postData").path("text").isString()) {
            request.set("body", sent.path("postData").path("text"));
        }
        return asked;
    }
}
