package io.gatepost.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which packages know which: those below the engine know it by what a request and a token are, and by nothing else. */
class PackagesTest {
    private static final Path SOURCES = Path.of("src", "main", "java", "io", "gatepost", "policy");
    private static final Pattern IMPORT =
            Pattern.compile("^import (?:static )?io\\.gatepost\\.policy\\.((?:[a-z]+\\.)*[A-Z]\\w*)");

    @ParameterizedTest
    @CsvSource({
        "text,       ''",
        "diagnostic, ''",
        "model,      'diagnostic'",
        "document,   'diagnostic model'",
        "keys,       'diagnostic document model text'",
        "token,      'diagnostic keys model request text DenyReason VerifiedToken'",
        "request,    'model text BodySource PolicyRequest'",
        "expression, 'request text PolicyRequest VerifiedToken'"
    })
    void knowsOnly(String room, String others) throws IOException {
        Set<String> known = new TreeSet<>();
        try (Stream<Path> files = Files.list(SOURCES.resolve(room))) {
            for (Path file : files.toList()) {
                Files.readAllLines(file).stream()
                        .map(IMPORT::matcher)
                        .filter(Matcher::find)
                        .map(found -> found.group(1))
                        .map(type ->
                                Character.isLowerCase(type.charAt(0)) ? type.substring(0, type.indexOf('.')) : type)
                        .filter(other -> !other.equals(room))
                        .forEach(known::add);
            }
        }

        assertThat(known).isSubsetOf(others.split(" ", -1));
    }
}
