package io.gatepost.policy.document;

import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.document.Node.Mapping;
import io.gatepost.policy.document.Node.Scalar;
import io.gatepost.policy.model.ObjectName;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the documents of files of YAML and JSON. What a file says wrongly goes to the {@link Findings}, with the
 * documents that can be read still returned. Two documents of one kind and name are told, over all files that one
 * instance reads. Not thread-safe.
 */
public final class Documents {
    private static final int MAX_BYTES = 8 << 20;
    private static final int MAX_ITEMS = 10_000;
    private static final int MAX_NAME = 253;
    static final int MAX_LABEL = 63;

    /** What Kubernetes wants of a namespace, and hosts of each of their parts (RFC 1123 section 2.1). */
    static final Pattern LABEL = Pattern.compile("[a-z0-9]([-a-z0-9]*[a-z0-9])?");

    static final String LABEL_IN_WORDS = "lower-case letters, digits and hyphens";

    private final Findings findings;
    private final @Nullable Shape shape;
    private final Map<List<String>, Origin> seen = new HashMap<>();

    /**
     * Starts without files.
     *
     * @param findings where problems go
     */
    public Documents(Findings findings) {
        this(findings, null);
    }

    /**
     * Starts without files.
     *
     * @param findings where problems go
     * @param shape gets what is asked of each document; null for nobody to hear it
     */
    public Documents(Findings findings, @Nullable Shape shape) {
        this.findings = findings;
        this.shape = shape;
    }

    /**
     * Reads a file.
     *
     * @param file the file: UTF-8, 8 MiB at most
     * @return its documents, those in a {@code kind: List} each by itself
     */
    public List<Document> read(Path file) {
        String text = text(file);
        return text == null ? List.of() : parse(file.toString(), text);
    }

    /**
     * Reads a file whose documents are maps without {@code apiVersion} and {@code kind}, such as tests of policies.
     *
     * @param file the file: UTF-8, 8 MiB at most
     * @return the top level of each document
     */
    public List<Fields> readMaps(Path file) {
        String text = text(file);
        List<Fields> maps = new ArrayList<>();
        if (text != null) {
            int errors = findings.errors();
            Source source = source(file.toString(), text);
            roots(source, text).forEach(root -> addMap(source, root, "a map", maps));
            warnOfNothing(source, maps.isEmpty(), errors);
        }
        return maps;
    }

    private @Nullable String text(Path file) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(RegularFile.read(file, MAX_BYTES));
            try {
                return StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
            } catch (CharacterCodingException problem) {
                findings.error(beforeBadOctet(file, bytes), "the file is not UTF-8 from here on");
            }
        } catch (IOException problem) {
            findings.error(new Origin(file.toString(), 1, 1, ""), String.valueOf(problem.getMessage()));
        }
        return null;
    }

    /** The decoder leaves the buffer where it failed. */
    private static Origin beforeBadOctet(Path file, ByteBuffer bytes) {
        String text = StandardCharsets.UTF_8.decode(bytes.duplicate().flip()).toString();
        return new Source(file.toString(), text).end();
    }

    /**
     * Reads a text.
     *
     * @param name what messages call it
     * @param text YAML or JSON
     * @return its documents, those in a {@code kind: List} each by itself
     */
    public List<Document> parse(String name, String text) {
        int errors = findings.errors();
        Source source = source(name, text);
        List<Fields> maps = new ArrayList<>();
        List<Document> documents = new ArrayList<>();
        roots(source, text).forEach(root -> addMap(source, root, "a map with `apiVersion` and `kind`", maps));
        maps.forEach(map -> add(map, documents));
        warnOfNothing(source, documents.isEmpty(), errors);
        return documents;
    }

    private static Source source(String name, String text) {
        return new Source(name, withoutByteOrderMark(text));
    }

    private static String withoutByteOrderMark(String text) {
        return text.startsWith("\uFEFF") ? text.substring(1) : text;
    }

    private List<Node> roots(Source source, String text) {
        int control = source.firstControlCharacter();
        if (control >= 0) {
            findings.error(source.origin(control, ""), "a control character can't stand here");
            return List.of();
        }
        return new DocumentParser(source, withoutByteOrderMark(text), findings).parse();
    }

    private void warnOfNothing(Source source, boolean nothing, int errorsBefore) {
        if (nothing && findings.errors() == errorsBefore) {
            findings.doubt(source.origin(0, ""), "there is no document in this file");
        }
    }

    private static boolean isNothing(Node root) {
        return root instanceof Scalar scalar && scalar.kind() == Scalar.Kind.NOTHING;
    }

    private void addMap(Source source, Node root, String expected, List<Fields> maps) {
        if (root instanceof Mapping map) {
            maps.add(new Fields(source, map, "", findings, shape == null ? new Shape() : shape));
        } else if (!isNothing(root)) {
            findings.error(source.origin(root.index(), ""), "expected " + expected + ", found " + root.description());
        }
    }

    private void add(Fields fields, List<Document> documents) {
        fields.require("apiVersion", "kind");
        String apiVersion = fields.text("apiVersion", 1, MAX_NAME);
        String kind = fields.text("kind", 1, MAX_NAME);
        if (apiVersion == null || kind == null) {
            return;
        }
        if (kind.equals("List") && apiVersion.equals("v1")) {
            fields.require("items").ignore("metadata");
            fields.list("items", 0, MAX_ITEMS).forEach(item -> add(item, documents));
            fields.done();
            return;
        }
        Document document = document(apiVersion, kind, fields);
        checkUnique(document);
        if (!Kinds.tellMistake(document, findings)) {
            documents.add(document);
        }
    }

    private Document document(String apiVersion, String kind, Fields fields) {
        fields.require("metadata").ignore("status", "spec");
        Fields metadata = fields.fields("metadata");
        if (metadata == null) {
            return new Document(apiVersion, kind, new ObjectName("default", ""), Map.of(), fields);
        }
        String name = metadata.require("name").text("name", 1, MAX_NAME);
        String namespace = metadata.text("namespace", MAX_LABEL, LABEL, LABEL_IN_WORDS);
        Map<String, String> labels = metadata.textMap("labels");
        metadata.ignore(
                "annotations",
                "creationTimestamp",
                "deletionGracePeriodSeconds",
                "deletionTimestamp",
                "finalizers",
                "generateName",
                "generation",
                "managedFields",
                "ownerReferences",
                "resourceVersion",
                "selfLink",
                "uid");
        metadata.done();
        return new Document(apiVersion, kind, objectName(namespace, name), labels, fields);
    }

    private static ObjectName objectName(@Nullable String namespace, @Nullable String name) {
        return new ObjectName(namespace == null ? "default" : namespace, name == null ? "" : name);
    }

    private void checkUnique(Document document) {
        if (document.name().name().isEmpty()) {
            return;
        }
        ObjectName name = document.name();
        Origin here = document.fields().origin();
        Origin first =
                seen.putIfAbsent(List.of(document.group(), document.kind(), name.namespace(), name.name()), here);
        if (first != null) {
            findings.error(
                    here,
                    document.kind() + " `" + name + "` stands here a second time, after " + first.source() + ":"
                            + first.line());
        }
    }
}
