package io.gatepost.policy.document;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.dataformat.yaml.YAMLFactory;

/** Parses the documents of a text, YAML or JSON. What can't be parsed is told, and the next document is read. */
final class DocumentParser {
    private static final int MAX_DEPTH = 100;
    private static final StreamReadConstraints LIMITS =
            StreamReadConstraints.builder().maxNestingDepth(MAX_DEPTH).build();
    private static final TokenStreamFactory YAML =
            YAMLFactory.builder().streamReadConstraints(LIMITS).build();
    private static final TokenStreamFactory JSON =
            JsonFactory.builder().streamReadConstraints(LIMITS).build();
    private static final Pattern JSON_START = Pattern.compile("\\s*\\{\\s*[\"}].*", Pattern.DOTALL);
    /** No line of JSON starts so, since its strings hold no line breaks. */
    private static final Pattern DOCUMENT_START = Pattern.compile("(?m)^---(\\s|$)");

    /** Such as {@code - "admin" in jwt.roles}. */
    private static final Pattern BEHIND_A_QUOTE =
            Pattern.compile("\\s*(-\\s+)*([A-Za-z]+:\\s+)?(\"[^\"]*\"|'[^']*')\\s*[^\\s,:#\\]}\"'].*");

    private static final Pattern PLACE = Pattern.compile("line (\\d+), column (\\d+)");

    private final Source source;
    private final String text;
    private final Findings findings;

    DocumentParser(Source source, String text, Findings findings) {
        this.source = source;
        this.text = text;
        this.findings = findings;
    }

    List<Node> parse() {
        return source.name().endsWith(".json") || isJson() ? json() : yaml();
    }

    /** YAML's flow style begins alike. */
    private boolean isJson() {
        return JSON_START.matcher(text).matches()
                && !DOCUMENT_START.matcher(text).find();
    }

    private List<Node> json() {
        ToIntFunction<Long> codePoints = codePoints();
        List<Node> documents = new ArrayList<>();
        try (JsonParser parser = JSON.createParser(ObjectReadContext.empty(), text)) {
            ToIntFunction<JsonParser> place =
                    at -> codePoints.applyAsInt(at.currentTokenLocation().getCharOffset());
            readAll(new NodeReader(parser, source, place, findings), documents);
        } catch (JacksonException problem) {
            TokenStreamLocation at = problem.getLocation();
            int index = at == null ? 0 : codePoints.applyAsInt(Math.max(0, at.getCharOffset()));
            findings.error(source.origin(index, ""), "not JSON: " + summary(problem));
        }
        return documents;
    }

    /** Places in JSON are told in UTF-16 units. */
    private ToIntFunction<Long> codePoints() {
        if (text.codePointCount(0, text.length()) == text.length()) {
            return offset -> (int) Math.min(offset, text.length());
        }
        int[] places = new int[text.length() + 1];
        for (int i = 1; i < places.length; i++) {
            places[i] = places[i - 1] + (Character.isHighSurrogate(text.charAt(i - 1)) ? 0 : 1);
        }
        return offset -> places[(int) Math.min(offset, text.length())];
    }

    private List<Node> yaml() {
        List<Node> documents = new ArrayList<>();
        int start = 0;
        while (start >= 0) {
            start = yaml(start, documents);
        }
        return documents;
    }

    /** Reads the documents from a place on; returns where to go on behind one that can't be parsed, or -1. */
    private int yaml(int start, List<Node> documents) {
        String rest = start == 0 ? text : source.from(start);
        try (JsonParser parser = YAML.createParser(ObjectReadContext.empty(), new WholeCharacters(rest))) {
            ToIntFunction<JsonParser> place =
                    at -> start + (int) at.currentTokenLocation().getCharOffset();
            readAll(new NodeReader(parser, source, place, findings), documents);
            return -1;
        } catch (NodeReader.TooManyAliasesException problem) {
            String most = Anchors.MAX_VALUES + " values";
            findings.error(source.origin(problem.index(), ""), "aliases stand for more than " + most);
            return source.nextDocument(start, problem.index());
        } catch (JacksonException problem) {
            int index = index(problem, start);
            String cure = BEHIND_A_QUOTE.matcher(source.line(index)).matches()
                    ? "the value goes on behind its closing quote; put other quotes around the whole of it"
                    : summary(problem);
            findings.error(source.origin(index, ""), "not YAML: " + cure);
            return source.nextDocument(start, index);
        }
    }

    private static void readAll(NodeReader reader, List<Node> documents) {
        for (Node node = reader.next(); node != null; node = reader.next()) {
            documents.add(node);
        }
    }

    /** The place of a problem: the parser's words are more exact than the token that it was at. */
    private int index(JacksonException problem, int start) {
        if (problem.getLocation() == null) {
            return start;
        }
        String message = problem.getOriginalMessage();
        Matcher places = PLACE.matcher(message);
        int line = problem.getLocation().getLineNr();
        int column = problem.getLocation().getColumnNr();
        while (places.find()) {
            line = Integer.parseInt(places.group(1));
            column = Integer.parseInt(places.group(2));
            if (SyntaxProblems.isAboutItsStart(message)) {
                break;
            }
        }
        int linesBefore = source.origin(start, "").line() - 1;
        return Math.max(start, source.index(linesBefore + Math.max(1, line), Math.max(1, column)));
    }

    private static String summary(JacksonException problem) {
        if (problem instanceof StreamConstraintsException) {
            return problem.getOriginalMessage().contains("depth")
                    ? "nested deeper than " + MAX_DEPTH + " levels"
                    : "a value is too long";
        }
        return SyntaxProblems.describe(problem.getOriginalMessage());
    }
}
