package io.gatepost.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The house stays as docs/architecture.md draws it: its modules, what each may use, and the size of its rooms. */
class HouseTest {
    private static final Path PROJECT = Path.of("..", "..").toAbsolutePath().normalize();
    private static final String PAGE = "docs/architecture.md";
    private static final Pattern PUBLIC = Pattern.compile("(?m)^public ");
    private static final Pattern MODULE = Pattern.compile("<module>([^<]+)</module>");
    private static final Pattern DEPENDENCY = Pattern.compile("(?s)<dependency>(.*?)</dependency>");
    private static final Pattern USED = Pattern.compile("<artifactId>gatepost-([^<]+)</artifactId>");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([^`]+)` \\|([^|]*)\\|([^|]*)\\|");
    private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`");
    private static final Pattern TYPE = Pattern.compile("[A-Z]\\w+[a-z]\\w*(\\.\\w+)?");

    /** A source file of what is published or run, none of the benchmarks. */
    private record Source(Path file, String text) {
        String module() {
            Path inside = PROJECT.relativize(file);
            return inside.subpath(0, inside.startsWith("samples") ? 2 : 1).toString();
        }

        String folder() {
            return String.valueOf(file.getParent());
        }

        String type() {
            return file.getFileName().toString().replace(".java", "");
        }

        boolean isPublic() {
            return PUBLIC.matcher(text).find();
        }

        long lines() {
            return text.lines().filter(line -> !line.isBlank()).count();
        }
    }

    private static List<Source> sources() throws IOException {
        try (Stream<Path> files = Files.walk(PROJECT, 20)) {
            return files.filter(file -> PROJECT.relativize(file)
                            .toString()
                            .matches("(policy|adapter|samples)[^.]*/src/main/java/.*\\.java"))
                    .map(file -> new Source(file, read(file)))
                    .toList();
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void hasFilesThatCanBeReadAtOnce() throws IOException {
        List<Source> sources = sources();
        assertThat(sources.stream().filter(source -> source.lines() > 300).map(Source::file))
                .isEmpty();
        long[] lines = sources.stream().mapToLong(Source::lines).sorted().toArray();
        assertThat(lines[lines.length / 2]).as("the median").isLessThanOrEqualTo(80);
    }

    @Test
    void hasPackagesThatCanBeLearnt() throws IOException {
        Map<String, Long> counts = sources().stream()
                .filter(Source::isPublic)
                .collect(Collectors.groupingBy(Source::folder, TreeMap::new, Collectors.counting()));
        counts.values().removeIf(count -> count <= 15);
        assertThat(counts).isEmpty();
        Path core = PROJECT.resolve("policy-core/src/main/java/io/gatepost/policy");
        assertThat(sources().stream().filter(source -> core.equals(source.file().getParent())))
                .hasSizeLessThanOrEqualTo(30);
    }

    /** Two of one name may be there only where nobody can meet both. */
    @Test
    void givesNoNameTwice() throws IOException {
        Map<String, List<Source>> named = sources().stream()
                .filter(source -> !source.type().equals("package-info"))
                .collect(Collectors.groupingBy(Source::type, TreeMap::new, Collectors.toList()));
        named.values()
                .removeIf(same -> same.size() == 1
                        || (same.stream().noneMatch(Source::isPublic)
                                && same.stream().map(Source::module).distinct().count() == same.size()));
        assertThat(named.keySet()).isEmpty();
    }

    @Test
    void isDrawnWithEveryModuleAndWhatItUses() throws IOException {
        Map<String, Set<String>> drawn = new TreeMap<>();
        ROW.matcher(read(PROJECT.resolve(PAGE)))
                .results()
                .forEach(row -> drawn.put(row.group(1), names(row.group(2), CODE)));
        Map<String, Set<String>> built = new TreeMap<>();
        for (String module : names(read(PROJECT.resolve("pom.xml")), MODULE)) {
            if (Files.isDirectory(PROJECT.resolve(module).resolve("src/main/java"))) {
                built.put(module, used(module));
            }
        }
        drawn.keySet().retainAll(built.keySet());
        assertThat(drawn).isEqualTo(built);
    }

    /** What of Gatepost a module is compiled with, tests apart. */
    private static Set<String> used(String module) {
        String pom = read(PROJECT.resolve(module).resolve("pom.xml"));
        return DEPENDENCY
                .matcher(pom.replaceFirst("(?s)<build>.*", ""))
                .results()
                .map(MatchResult::group)
                .filter(dependency -> !dependency.contains("<scope>test"))
                .flatMap(dependency -> USED.matcher(dependency).results())
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names(String text, Pattern pattern) {
        return pattern.matcher(text)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void hasTheTypesAndPackagesThatThePageNames() throws IOException {
        List<Source> sources = sources();
        Map<String, Source> types =
                sources.stream().collect(Collectors.toMap(Source::type, Function.identity(), (one, other) -> one));
        Set<String> packages = sources.stream()
                .map(source -> source.folder().replace('/', '.'))
                .collect(Collectors.toSet());
        List<String> missing = new ArrayList<>();
        for (String name : names(read(PROJECT.resolve(PAGE)), CODE)) {
            boolean there = TYPE.matcher(name).matches()
                    ? hasMember(types.get(name.replaceFirst("\\..*", "")), name)
                    : !name.matches("(io\\.gatepost)?(\\.[a-z]+)+")
                            || packages.stream().anyMatch(known -> known.endsWith(name));
            if (!there) {
                missing.add(name);
            }
        }
        assertThat(missing).isEmpty();
    }

    private static boolean hasMember(@Nullable Source type, String name) {
        return type != null && (!name.contains(".") || type.text().contains(name.replaceFirst(".*\\.", "")));
    }
}
