package io.gatepost.tools.replay;

import io.gatepost.tools.suite.AskedRequest;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Entries of HTTP archives, as browsers and proxies save them.
 *
 * @see <a href="http://www.softwareishard.com/blog/har-12-spec/">HAR 1.2</a>
 */
final class Har {
    private Har() {}

    static boolean is(JsonNode file) {
        return file.path("log").path("entries").isArray();
    }

    /** Whether it went to a server: a browser records what it has at hand, such as {@code data:} URLs, too. */
    static boolean isSent(JsonNode entry) {
        String url = entry.at("/request/url").asString("http");
        return url.startsWith("http");
    }

    /** What was sent, as {@code decide} reads it. */
    static ObjectNode line(JsonNode entry) {
        JsonNode sent = entry.path("request");
        ObjectNode line = AskedRequest.JSON.createObjectNode();
        ObjectNode request = line.putObject("request");
        request.set("method", sent.path("method"));
        request.set("uri", sent.path("url"));
        ArrayNode list = request.putArray("headers");
        for (JsonNode header : sent.path("headers")) {
            String name = header.path("name").asString("");
            // HTTP/2's own fields, such as `:path`, are no headers.
            if (!name.startsWith(":")) {
                list.addArray().add(name).add(header.path("value").asString(""));
            }
        }
        if (sent.path("postData").path("text").isString()) {
            request.set("body", sent.path("postData").path("text"));
        }
        return line;
    }
}
