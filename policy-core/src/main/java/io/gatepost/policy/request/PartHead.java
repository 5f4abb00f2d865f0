package io.gatepost.policy.request;

import io.gatepost.policy.request.RequestForm.MalformedException;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * What a part of a form says of itself.
 *
 * @param name the field's name
 * @param isFile whether it has a file's name
 * @param type its type in lower case, with its charset behind a semicolon; empty where it says none
 * @param encoding its transfer encoding in lower case; empty where it says none
 */
record PartHead(String name, boolean isFile, String type, String encoding) {
    /** In octets. */
    static final int LONGEST = 8 * 1024;

    private static final String MULTIPART = "multipart/";

    static PartHead of(String lines) throws MalformedException {
        Map<String, String> headers = headers(lines);
        HeaderParameters disposition = HeaderParameters.of(headers.getOrDefault("content-disposition", ""));
        if (disposition == null || !disposition.value().equals("form-data")) {
            throw malformed();
        }
        String name = disposition.parameters().getOrDefault("name", "");
        boolean file = false;
        for (String parameter : disposition.parameters().keySet()) {
            file |= parameter.equals("filename") || parameter.equals("filename*");
            // Such as name*=utf-8''model (RFC 8187), or name*0 (RFC 2231): some read them, some don't.
            if (parameter.contains("*") && !parameter.equals("filename*")) {
                throw malformed();
            }
        }
        if (name.isEmpty() || name.equals("_charset_") || name.contains("\\") || name.startsWith("=?")) {
            throw malformed();
        }
        return new PartHead(
                name,
                file,
                type(headers.getOrDefault("content-type", "")),
                headers.getOrDefault("content-transfer-encoding", "").toLowerCase(Locale.ROOT));
    }

    private static String type(String header) throws MalformedException {
        HeaderParameters type = header.isEmpty() ? null : HeaderParameters.of(header);
        String said = header.toLowerCase(Locale.ROOT);
        if (said.startsWith(MULTIPART)) {
            throw malformed();
        }
        if (type == null) {
            return said;
        }
        String charset = type.parameters().get("charset");
        return charset == null ? type.value() : type.value() + ";" + charset.toLowerCase(Locale.ROOT);
    }

    private static Map<String, String> headers(String lines) throws MalformedException {
        Map<String, String> headers = new LinkedHashMap<>();
        for (String line : lines.split("\r\n", -1)) {
            int colon = line.indexOf(':');
            // A line that goes on on the next one has a blank before its name.
            boolean sound = colon > 0
                    && RequestSyntax.isToken(line.substring(0, colon))
                    && line.chars().allMatch(c -> (c >= ' ' && c != 0x7f) || c == '\t');
            String value = sound ? RequestSyntax.withoutBlanksAtEnds(line.substring(colon + 1)) : "";
            if (!sound || headers.put(line.substring(0, colon).toLowerCase(Locale.ROOT), value) != null) {
                throw malformed();
            }
        }
        return headers;
    }

    private static MalformedException malformed() {
        return new MalformedException("a part of the form has no name, or more than one reading");
    }
}
