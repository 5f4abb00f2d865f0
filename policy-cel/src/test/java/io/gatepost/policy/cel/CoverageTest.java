package io.gatepost.policy.cel;

import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.VerifiedToken;
import io.gatepost.policy.expression.InvalidExpressionException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CoverageTest {
    private static final CelExpressionCompiler COMPILER = new CelExpressionCompiler();

    @Test
    void namesEachSideOfEachOperatorAsItIsWritten() throws Exception {
        List<String> sides = COMPILER
                .branches("(jwt.a == 1 || has(jwt.b)) && jwt.c.exists(c, c == 'x' && size(c) > 0) && !jwt.d"
                        + " && (jwt.e ? jwt.f[0] : base64.encode(b'\"').size() > -1)")
                .branches()
                .stream()
                .map(branch -> branch.operator() + " " + branch.text())
                .toList();

        assertThat(sides)
                .containsExactly(
                        "&& jwt.a == 1 || has(jwt.b)",
                        "&& jwt.c.exists(c, c == 'x' && size(c) > 0)",
                        "&& !jwt.d",
                        "&& jwt.e ? jwt.f[0] : base64.encode(b'\"').size() > -1",
                        "|| jwt.a == 1",
                        "|| has(jwt.b)",
                        "&& c == 'x'",
                        "&& size(c) > 0",
                        "?: jwt.f[0]",
                        "?: base64.encode(b'\"').size() > -1");
    }

    @Test
    void tellsWhichSideDecided() throws Exception {
        String text = "jwt.a == 1 && (jwt.b == 1 || jwt.c == 1)";

        assertThat(decided(text, Map.of("a", 2L))).containsExactly("jwt.a == 1");
        assertThat(decided(text, Map.of("a", 1L, "b", 1L))).containsExactly("jwt.b == 1");
        assertThat(decided(text, Map.of("a", 1L, "b", 2L, "c", 1L))).containsExactly("jwt.c == 1");
        assertThat(decided(text, Map.of("a", 1L, "b", 2L, "c", 2L))).containsExactly("jwt.b == 1 || jwt.c == 1");
    }

    @Test
    void tellsWhichSideOfAConditionalWasTaken() throws Exception {
        String text = "has(jwt.a) ? jwt.a : jwt.b";

        assertThat(decided(text, Map.of("a", true))).containsExactly("jwt.a");
        assertThat(decided(text, Map.of("b", true))).containsExactly("jwt.b");
    }

    @Test
    void tellsWhatDecidedWithinALoop() throws Exception {
        String text = "jwt.roles.exists(r, r == 'admin' || r == 'root')";

        assertThat(decided(text, Map.of("roles", List.of("user", "root")))).containsExactly("r == 'root'");
    }

    @Test
    void changesOneThingAtATimeWhereItStands() throws Exception {
        assertThat(COMPILER.mutants("jwt.level >= 3 && !(jwt.sub in ['a']) || has(jwt.b)"))
                .extracting(ExpressionMutant::toString)
                .containsExactlyInAnyOrder(
                        "`||` were `&&` in `jwt.level >= 3 && !(jwt.sub in ['a']) || has(jwt.b)`",
                        "`&&` were `||` in `jwt.level >= 3 && !(jwt.sub in ['a'])`",
                        "`jwt.level >= 3` were `true`",
                        "`>=` were `>` in `jwt.level >= 3`",
                        "`>=` were `<` in `jwt.level >= 3`",
                        "`3` were `4`",
                        "`!` were left out in `!(jwt.sub in ['a'])`",
                        "`jwt.sub in ['a']` were `true`",
                        "`jwt.sub in ['a']` were `false`",
                        "`'a'` were `'a~'`",
                        "`has(jwt.b)` were `true`",
                        "`has(jwt.b)` were `false`");
    }

    @Test
    void keepsTheRestOfTheText() throws Exception {
        String text = "jwt.roles.exists(r, r.startsWith(\"ops-\")) // who is on call\n && jwt.sub != \"é😀\"";

        List<ExpressionMutant> mutants = COMPILER.mutants(text);

        assertThat(mutants)
                .extracting(ExpressionMutant::text)
                .contains(
                        text.replace("exists", "all"),
                        text.replace("startsWith", "contains"),
                        text.replace("😀", "😀~"),
                        text.replace("!=", "=="))
                .allSatisfy(mutated -> COMPILER.branches(mutated));
        assertThat(mutants)
                .filteredOn(mutant -> mutant.written().equals("!="))
                .allSatisfy(mutant ->
                        assertThat(List.of(mutant.line(), mutant.column())).containsExactly(2, 13));
    }

    @Test
    void knowsAGuardThatIsMerelyThereForAbsentValues() throws Exception {
        assertThat(COMPILER.mutants("has(jwt.a) && jwt.a == 'x'"))
                .filteredOn(ExpressionMutant::dropsGuard)
                .extracting(ExpressionMutant::toString)
                .containsExactly("`has(jwt.a)` were `true`");
        assertThat(COMPILER.mutants("has(jwt.a) || jwt.a == 'x'")).noneMatch(ExpressionMutant::dropsGuard);
    }

    private static List<String> decided(String text, Map<String, Object> claims) throws InvalidExpressionException {
        return COMPILER
                .branches(text)
                .decided(PolicyRequest.builder("GET", "/").build(), new VerifiedToken("i", null, claims))
                .stream()
                .map(ExpressionBranches.Branch::text)
                .sorted()
                .toList();
    }
}
