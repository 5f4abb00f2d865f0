package io.gatepost.policy.cel;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What callers see of this module: nothing of the libraries behind it. */
class SignatureTest {
    @Test
    void namesNoTypeOfALibrary() throws Exception {
        List<Class<?>> api = classes().filter(SignatureTest::isPublic).toList();

        assertThat(api).contains(CelExpressionCompiler.class, ExpressionPart.class, LinearRegex.class);
        assertThat(api.stream().flatMap(SignatureTest::signatures))
                .isNotEmpty()
                .noneMatch(signature -> signature.contains("dev.cel.") || signature.contains("com.google."));
    }

    private static Stream<Class<?>> classes() throws Exception {
        URI here = CelExpressionCompiler.class
                .getResource("CelExpressionCompiler.class")
                .toURI();
        try (Stream<Path> files = Files.list(Path.of(here).getParent())) {
            return files
                    .map(file -> file.getFileName().toString())
                    .filter(file -> file.endsWith(".class") && !file.equals("package-info.class"))
                    .<Class<?>>map(SignatureTest::load)
                    .toList()
                    .stream();
        }
    }

    private static Class<?> load(String file) {
        try {
            String name = file.substring(0, file.length() - ".class".length());
            return Class.forName(CelExpressionCompiler.class.getPackageName() + "." + name);
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    /** A class that others can name: all around it are public, too. */
    private static boolean isPublic(Class<?> type) {
        return Modifier.isPublic(type.getModifiers())
                && (type.getEnclosingClass() == null || isPublic(type.getEnclosingClass()));
    }

    private static Stream<String> signatures(Class<?> type) {
        Stream<String> members = Stream.concat(
                        Arrays.stream(type.getDeclaredMethods()), Arrays.stream(type.getDeclaredConstructors()))
                .filter(member ->
                        Modifier.isPublic(member.getModifiers()) || Modifier.isProtected(member.getModifiers()))
                .map(Executable::toGenericString);
        Stream<String> fields = Arrays.stream(type.getDeclaredFields())
                .filter(field -> Modifier.isPublic(field.getModifiers()) || Modifier.isProtected(field.getModifiers()))
                .map(Field::toGenericString);
        Stream<String> parents = Stream.concat(
                Stream.of(String.valueOf(type.getGenericSuperclass())),
                Arrays.stream(type.getGenericInterfaces()).map(Object::toString));
        return Stream.of(members, fields, parents).flatMap(part -> part);
    }
}
