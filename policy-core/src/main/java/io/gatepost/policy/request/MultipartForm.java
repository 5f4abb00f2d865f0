package io.gatepost.policy.request;

import java.io.ByteArrayOutputStream;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A form in parts (RFC 7578, RFC 2046 section 5.1). Parsers of forms differ much in what they forgive, so this one
 * forgives nothing: no preamble and no epilogue, the boundary nowhere but at the beginning of its line, lines that end
 * in CRLF, names of one reading.
 */
final class MultipartForm implements RequestForm {
    static final String TYPE = "multipart/form-data";

    private static final int MOST_PARTS = 1_000;
    private static final int LONGEST_BOUNDARY = 70;
    private static final byte[] LINE = {'\r', '\n'};
    private static final byte[] DASHES = {'-', '-'};
    private static final Set<String> READ_ALIKE =
            Set.of("", "text/plain", "text/plain;utf-8", "text/plain;us-ascii", "text/plain;iso-8859-1");
    private static final Set<String> UNENCODED = Set.of("", "7bit", "8bit", "binary");

    private final byte[] body;
    private final byte[] delimiter;
    private final List<Part> parts = new ArrayList<>();
    private @Nullable Part model;

    /** A part, and where its content is. */
    private record Part(PartHead head, int start, int end) {}

    private MultipartForm(byte[] body, String boundary) {
        this.body = body;
        delimiter = ("--" + boundary).getBytes(StandardCharsets.ISO_8859_1);
    }

    static MultipartForm of(byte[] body, Map<String, String> parameters) throws MalformedException {
        String boundary = parameters.getOrDefault("boundary", "");
        if (!isBoundary(boundary) || parameters.keySet().stream().anyMatch(name -> name.startsWith("boundary*"))) {
            throw new MalformedException("expected one boundary of 1 to 70 characters in the content type");
        }
        MultipartForm form = new MultipartForm(body, boundary);
        form.split();
        return form;
    }

    private static boolean isBoundary(String text) {
        return !text.isEmpty()
                && text.length() <= LONGEST_BOUNDARY
                && !text.endsWith(" ")
                && text.chars()
                        .allMatch(c -> (Character.isLetterOrDigit(c) && c < 0x7f) || "'()+_,-./:=? ".indexOf(c) >= 0);
    }

    private void split() throws MalformedException {
        int at = next(0);
        if (at != 0) {
            throw malformed();
        }
        while (!startsWith(DASHES, at + delimiter.length)) {
            int head = at + delimiter.length;
            at = next(head);
            if (at < 0
                    || !startsWith(LINE, head)
                    || !startsWith(LINE, at - LINE.length)
                    || parts.size() == MOST_PARTS) {
                throw malformed();
            }
            add(head + LINE.length, at - LINE.length);
        }
        int rest = body.length - at - delimiter.length - DASHES.length;
        if (rest != 0 && !(rest == LINE.length && startsWith(LINE, body.length - LINE.length))) {
            throw malformed();
        }
    }

    private void add(int start, int end) throws MalformedException {
        int blank = indexOf(new byte[] {'\r', '\n', '\r', '\n'}, start, Math.min(end, start + PartHead.LONGEST));
        if (blank < 0) {
            throw malformed();
        }
        PartHead head = PartHead.of(new String(body, start, blank - start, StandardCharsets.UTF_8));
        Part part = new Part(head, blank + 2 * LINE.length, end);
        if (part.start > end) {
            throw malformed();
        }
        parts.add(part);
        if (readsAsModel(head.name())) {
            if (model != null || !isPlainModel(head)) {
                throw new MalformedException("the form names a model more than once, or in more than one reading");
            }
            NamedModel.plainInForm(text(part));
            model = part;
        }
    }

    /** Whether somebody could take the name for {@code model}, as those do that decode, trim or fold names. */
    private static boolean readsAsModel(String name) {
        String decoded = name;
        try {
            decoded = URLDecoder.decode(name, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // It stands for itself.
        }
        return decoded.strip().equalsIgnoreCase(NamedModel.NAME);
    }

    private static boolean isPlainModel(PartHead head) {
        return head.name().equals(NamedModel.NAME)
                && !head.isFile()
                && READ_ALIKE.contains(head.type())
                && UNENCODED.contains(head.encoding());
    }

    private String text(Part part) {
        return new String(body, part.start, part.end - part.start, StandardCharsets.UTF_8);
    }

    @Override
    public @Nullable String model() {
        return model == null ? null : text(model);
    }

    @Override
    public Map<String, Object> fields() {
        Map<String, List<String>> values = new LinkedHashMap<>();
        for (Part part : parts) {
            if (!part.head.isFile() && UNENCODED.contains(part.head.encoding())) {
                values.computeIfAbsent(part.head.name(), absent -> new ArrayList<>())
                        .add(text(part));
            }
        }
        return QueryPairs.single(values);
    }

    @Override
    public byte[] withModel(String other) throws MalformedException {
        byte[] value = NamedModel.plainInForm(other).getBytes(StandardCharsets.US_ASCII);
        if (indexOf(value, delimiter, 0, value.length) >= 0) {
            throw malformed();
        }
        ByteArrayOutputStream changed = new ByteArrayOutputStream(body.length + value.length + 128);
        if (model == null) {
            changed.writeBytes(delimiter);
            changed.writeBytes(
                    "\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            changed.writeBytes(value);
            changed.writeBytes(LINE);
            changed.writeBytes(body);
        } else {
            changed.write(body, 0, model.start);
            changed.writeBytes(value);
            changed.write(body, model.end, body.length - model.end);
        }
        return changed.toByteArray();
    }

    private int next(int from) {
        return indexOf(delimiter, from, body.length);
    }

    private boolean startsWith(byte[] octets, int at) {
        return at >= 0
                && at + octets.length <= body.length
                && Arrays.equals(body, at, at + octets.length, octets, 0, octets.length);
    }

    private int indexOf(byte[] octets, int from, int to) {
        return indexOf(body, octets, from, to);
    }

    /** Where the octets begin that end before {@code to}; negative where they don't. */
    private static int indexOf(byte[] text, byte[] octets, int from, int to) {
        for (int i = from; i <= to - octets.length; i++) {
            if (text[i] == octets[0] && Arrays.equals(text, i, i + octets.length, octets, 0, octets.length)) {
                return i;
            }
        }
        return -1;
    }

    private static MalformedException malformed() {
        return new MalformedException("the body is not the form in parts that its content type says");
    }

    @Override
    public String toString() {
        return "MultipartForm";
    }
}
