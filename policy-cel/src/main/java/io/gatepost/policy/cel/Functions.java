package io.gatepost.policy.cel;

import dev.cel.checker.CelCheckerBuilder;
import dev.cel.compiler.CelCompilerLibrary;
import dev.cel.parser.CelParserBuilder;
import dev.cel.runtime.CelRuntimeBuilder;
import dev.cel.runtime.CelRuntimeLibrary;
import java.util.Set;

/** The functions that agentgateway knows beyond those of CEL (reference section 3.3). */
final class Functions implements CelCompilerLibrary, CelRuntimeLibrary {
    static final Functions ALL = new Functions();

    private Functions() {}

    static Set<String> names() {
        return Set.of();
    }

    @Override
    public void setParserOptions(CelParserBuilder parser) {}

    @Override
    public void setCheckerOptions(CelCheckerBuilder checker) {}

    @Override
    public void setRuntimeOptions(CelRuntimeBuilder runtime) {}
}
