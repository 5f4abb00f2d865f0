package io.gatepost.testkit;

import io.gatepost.tools.suite.CaseResult;
import io.gatepost.tools.suite.PolicyCase;
import io.gatepost.tools.suite.PolicySuite;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.BeforeTestExecutionCallback;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContext;
import org.junit.jupiter.api.extension.ClassTemplateInvocationContextProvider;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;

/** Calls a method, or all tests of a class, for each case of some suites; see {@link PolicyTest}. */
final class PolicyTestExtension
        implements TestTemplateInvocationContextProvider, ClassTemplateInvocationContextProvider {
    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return isAnnotated(context);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        return cases(context).map(one -> one);
    }

    @Override
    public boolean supportsClassTemplate(ExtensionContext context) {
        return isAnnotated(context);
    }

    @Override
    public Stream<ClassTemplateInvocationContext> provideClassTemplateInvocationContexts(ExtensionContext context) {
        return cases(context).map(one -> one);
    }

    private static boolean isAnnotated(ExtensionContext context) {
        return context.getElement()
                .filter(element -> element.isAnnotationPresent(PolicyTest.class))
                .isPresent();
    }

    private static Stream<Case> cases(ExtensionContext context) {
        PolicyTest annotation = context.getElement().orElseThrow().getAnnotation(PolicyTest.class);
        return PolicyTests.read(annotation.value()).stream()
                .flatMap(suite -> suite.cases().stream().map(test -> new Case(suite, test)));
    }

    /** One case, for a method or for a class. */
    private record Case(PolicySuite suite, PolicyCase test)
            implements TestTemplateInvocationContext, ClassTemplateInvocationContext {
        @Override
        public String getDisplayName(int invocationIndex) {
            return test.name();
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(new Checked(suite.run(test)));
        }

        @Override
        public void prepareInvocation(ExtensionContext context) {
            // Nothing to do; both interfaces have it.
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
