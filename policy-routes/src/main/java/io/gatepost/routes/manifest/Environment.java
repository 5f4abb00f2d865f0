package io.gatepost.routes.manifest;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Where {@code ${VAR}} in a Secret's {@code stringData} comes from. Thread-safe. */
@FunctionalInterface
public interface Environment {
    /** The variables that manifests may have where nobody names any: keys of APIs, by the end of their names. */
    String BY_DEFAULT = "_API_KEY";

    /**
     * A variable's value.
     *
     * @param name its name
     * @return its value, or null where it is not set
     */
    @Nullable
    String value(String name);

    /**
     * Whether manifests may have a variable: whoever writes one says where its value is sent.
     *
     * @param name its name
     * @return true where they may
     */
    default boolean gives(String name) {
        return true;
    }

    /**
     * That of this process.
     *
     * @param named the variables that manifests may have; none: those that end in {@value #BY_DEFAULT}
     * @return the environment
     */
    static Environment ofProcess(Set<String> named) {
        Set<String> given = Set.copyOf(named);
        return new Environment() {
            @Override
            public @Nullable String value(String name) {
                return System.getenv(name);
            }

            @Override
            public boolean gives(String name) {
                return given.isEmpty() ? name.endsWith(BY_DEFAULT) : given.contains(name);
            }
        };
    }
}
