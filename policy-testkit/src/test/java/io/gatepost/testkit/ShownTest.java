package io.gatepost.testkit;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;

/** A test class that a page shows, to be compiled and run as it stands there. */
record ShownTest(String name, String source) {
    /** Runs each of its tests, with what it needs compiled into a folder. */
    void run(Path folder) throws Exception {
        Path file = Files.writeString(folder.resolve(name + ".java"), source);
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        int problems = ToolProvider.getSystemJavaCompiler()
                .run(null, null, null, "-proc:none", "-cp", classPath, file.toString());
        if (problems != 0) {
            throw new AssertionError("it does not compile");
        }
        try (URLClassLoader classes =
                new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
            Class<?> test = classes.loadClass(name);
            Constructor<?> constructor = test.getDeclaredConstructor();
            constructor.setAccessible(true);
            List<Method> tests = Arrays.stream(test.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Test.class))
                    .toList();
            if (tests.isEmpty()) {
                throw new AssertionError("it tests nothing");
            }
            for (Method method : tests) {
                method.setAccessible(true);
                method.invoke(constructor.newInstance());
            }
        }
    }
}
