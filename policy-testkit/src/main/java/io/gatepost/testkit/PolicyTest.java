package io.gatepost.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.ClassTemplate;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Runs the YAML tests of policies as JUnit tests: one for each case, under its name.
 *
 * <pre>{@code
 * class PoliciesTest {
 *     @PolicyTest("policies/")
 *     void decide(CaseResult result) {}
 * }
 * }</pre>
 *
 * <p>On a class, each of its tests is run for each case, grouped by case:
 *
 * <pre>{@code
 * @PolicyTest("policies/")
 * class PoliciesTest {
 *     @Test
 *     void decides() {}
 *
 *     @Test
 *     void tellsNoClaim(CaseResult result) {
 *         assertThat(result.details()).doesNotContain("salary");
 *     }
 * }
 * }</pre>
 *
 * <p>A case that does not come as its file expects fails before the method is called, and tells {@code file:line:col},
 * what was expected and why it came otherwise. The method's body may say more of what came: it may take the
 * {@link io.gatepost.tools.suite.CaseResult}, the {@link io.gatepost.tools.suite.PolicyCase}, both or none. Where an
 * IDE should lead from a node to the line in the file, use {@link PolicyTests#in}.
 */
@Documented
@Target({ElementType.METHOD, ElementType.TYPE})
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ClassTemplate
@ExtendWith(PolicyTestExtension.class)
public @interface PolicyTest {
    /**
     * Where the tests are.
     *
     * @return files {@code *.test.yaml}, policies with tests beside them, and folders, from the working folder or the
     *     root of the class path
     */
    String[] value();
}
