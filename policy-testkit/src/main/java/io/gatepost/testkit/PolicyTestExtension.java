package io.gatepost.testkit;

import io.gatepost.testkit.suite.CaseResult;
import io.gatepost.testkit.suite.PolicyCase;
import io.gatepost.testkit.suite.PolicySuite;
import java.lang.reflect.Method;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Calls a method for each case of some suites; see {@link PolicyTest}. */
final class PolicyTestExtension implements TestTemplateInvocationContextProvider {
    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return context.getTestMethod()
                .filter(method -> method.isAnnotationPresent(PolicyTest.class))
                .isPresent();
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        Method method = context.getRequiredTestMethod();
        String[] paths = method.getAnnotation(PolicyTest.class).value();
        return PolicyTests.read(paths).stream()
                .flatMap(suite -> suite.cases().stream().map(test -> new Invocation(suite, test)));
    }

    private record Invocation(PolicySuite suite, PolicyCase test) implements TestTemplateInvocationContext {
        @Override
        public String getDisplayName(int invocationIndex) {
            return test.name();
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new Checked(suite.run(test)));
        }
    }

    /** A case that was run. */
    private record Checked(CaseResult result) implements BeforeTestExecutionCallback, ParameterResolver {
        @Override
        public void beforeTestExecution(ExtensionContext context) {
            PolicyTests.check(result);
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            Class<?> type = parameter.getParameter().getType();
            return type == CaseResult.class || type == PolicyCase.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == CaseResult.class ? result : result.test();
        }
    }
}
