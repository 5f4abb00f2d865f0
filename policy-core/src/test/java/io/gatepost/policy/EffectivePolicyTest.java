package io.gatepost.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.model.ObjectName;
import io.gatepost.policy.model.Phase;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What policies come to on a request's way through a gateway, a listener, a route and one of its rules. */
class EffectivePolicyTest {
    private static final PolicyTarget GATEWAY =
            PolicyTarget.of("Gateway", new ObjectName("default", "gw"), Map.of("team", "core", "zone", "a"));
    private static final PolicyTarget ROUTE =
            PolicyTarget.of("HTTPRoute", new ObjectName("default", "chat"), Map.of("team", "chat"));
    private static final List<PolicyTarget> WAY =
            List.of(GATEWAY, GATEWAY.section("http"), ROUTE, ROUTE.section("models"));

    private final List<TrafficPolicy> policies = new ArrayList<>();

    @Test
    void takesTheAuthenticationOfTheMostSpecificTargetAndAllRules() {
        read("rule", "targetRefs: [{TARGET, kind: HTTPRoute, name: chat, sectionName: models}]", "", "i4", "r4");
        read("gateway", "targetRefs: [{TARGET, kind: Gateway, name: gw}]", "", "i1", "r1");
        read("route", "targetRefs: [{TARGET, kind: HTTPRoute, name: chat}]", "", "i3", "r3");
        read("listener", "targetRefs: [{TARGET, kind: Gateway, name: gw, sectionName: http}]", "", "i2", "r2");

        EffectivePolicy effective = EffectivePolicy.of(WAY, Phase.POST_ROUTING, policies);

        assertThat(names(effective.policies())).containsExactly("gateway", "listener", "route", "rule");
        assertThat(issuer(effective)).isEqualTo("i4");
        assertThat(names(effective.authorizing())).containsExactly("gateway", "listener", "route", "rule");
        assertThat(issuer(EffectivePolicy.of(WAY.subList(0, 3), Phase.POST_ROUTING, policies)))
                .isEqualTo("i3");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "targetRefs: [{TARGET, kind: Gateway, name: gw}]|true",
                "targetRefs: [{TARGET, kind: Gateway, name: other}, {TARGET, kind: Gateway, name: gw}]|true",
                "targetRefs: [{TARGET, kind: Gateway, name: other}]|false",
                "targetRefs: [{TARGET, kind: HTTPRoute, name: gw}]|false",
                "targetRefs: [{TARGET, kind: Gateway, name: gw, sectionName: other}]|false",
                "targetRefs: [{TARGET, kind: HTTPRoute, name: chat, sectionName: http}]|false",
                "targetRefs: [{TARGET, kind: ListenerSet, name: gw}]|false",
                "targetSelectors: [{TARGET, kind: Gateway, matchLabels: {team: core}}]|true",
                "targetSelectors: [{TARGET, kind: Gateway, matchLabels: {team: core, zone: a}}]|true",
                "targetSelectors: [{TARGET, kind: Gateway, matchLabels: {team: core, zone: b}}]|false",
                "targetSelectors: [{TARGET, kind: Gateway, matchLabels: {team: core, size: s}}]|false",
                "targetSelectors: [{TARGET, kind: HTTPRoute, matchLabels: {team: core}}]|false",
                "targetSelectors: [{TARGET, kind: HTTPRoute, matchLabels: {team: chat}, sectionName: models}]|true"
            })
    void attachesByNameOrByLabels(String targets, boolean attaches) {
        read("p", targets, "", "i", "r");

        assertThat(EffectivePolicy.of(WAY, Phase.POST_ROUTING, policies).policies())
                .hasSize(attaches ? 1 : 0);
    }

    @Test
    void doesNotReachBeyondItsNamespace() {
        read("p, namespace: other", "targetRefs: [{TARGET, kind: Gateway, name: gw}]", "", "i", "r");
        read(
                "q, namespace: other",
                "targetSelectors: [{TARGET, kind: Gateway, matchLabels: {team: core}}]",
                "",
                "i",
                "r");

        assertThat(EffectivePolicy.of(WAY, Phase.POST_ROUTING, policies).policies())
                .isEmpty();
    }

    @Test
    void keepsWhatAnOverrideLocksAgainstMoreSpecificTargetsOnly() {
        read("gateway", "targetRefs: [{TARGET, kind: Gateway, name: gw}]", "", "i1", "r1");
        read("listener", "targetRefs: [{TARGET, kind: Gateway, name: gw, sectionName: http}]", OVERRIDE, "i2", "r2");
        read("sibling", "targetRefs: [{TARGET, kind: Gateway, name: gw, sectionName: http}]", "", "i3", "r3");
        read("route", "targetRefs: [{TARGET, kind: HTTPRoute, name: chat}]", "", "i4", "r4");

        EffectivePolicy effective = EffectivePolicy.of(WAY, Phase.POST_ROUTING, policies);

        assertThat(issuer(effective)).isEqualTo("i2");
        assertThat(names(effective.authorizing())).containsExactly("gateway", "listener", "sibling");
    }

    @Test
    void locksOnlyTheFieldsThatTheOverridingPolicyHas() {
        read("gateway", "targetRefs: [{TARGET, kind: Gateway, name: gw}]", OVERRIDE, null, "r1");
        read("route", "targetRefs: [{TARGET, kind: HTTPRoute, name: chat}]", "", "i2", "r2");

        EffectivePolicy effective = EffectivePolicy.of(WAY, Phase.POST_ROUTING, policies);

        assertThat(issuer(effective)).isEqualTo("i2");
        assertThat(names(effective.authorizing())).containsExactly("gateway");
    }

    @ParameterizedTest
    @CsvSource({"'', '', first", "'', OVERRIDE, second", "OVERRIDE, OVERRIDE, first"})
    void takesOfPoliciesOnOneTargetTheOverridingOneElseTheFirst(String first, String second, String wins) {
        String target = "targetRefs: [{TARGET, kind: Gateway, name: gw}]";
        read("first", target, first.isEmpty() ? "" : OVERRIDE, "first", "r1");
        read("second", target, second.isEmpty() ? "" : OVERRIDE, "second", "r2");

        EffectivePolicy effective = EffectivePolicy.of(WAY, Phase.POST_ROUTING, policies);

        assertThat(issuer(effective)).isEqualTo(wins);
        assertThat(names(effective.authorizing())).containsExactly("first", "second");
    }

    @Test
    void keepsThePhasesApartAndKnowsNoOverrideBeforeRouting() {
        read("before", "targetRefs: [{TARGET, kind: Gateway, name: gw}]", OVERRIDE + "PRE", "i1", "r1");
        read("closer", "targetRefs: [{TARGET, kind: Gateway, name: gw, sectionName: http}]", "PRE", "i2", "r2");
        read("after", "targetRefs: [{TARGET, kind: Gateway, name: gw}]", "", "i3", "r3");

        EffectivePolicy before = EffectivePolicy.of(WAY.subList(0, 2), Phase.PRE_ROUTING, policies);
        EffectivePolicy after = EffectivePolicy.of(WAY, Phase.POST_ROUTING, policies);

        assertThat(issuer(before)).isEqualTo("i2");
        assertThat(names(before.authorizing())).containsExactly("before", "closer");
        assertThat(names(after.policies())).containsExactly("after");
    }

    @Test
    void countsAPolicyOnceThatMeetsARequestTwice() {
        read(
                "twice",
                "targetRefs: [{TARGET, kind: Gateway, name: gw}, {TARGET, kind: Gateway, name: gw, sectionName: http}]",
                "",
                "i",
                "r");

        EffectivePolicy effective = EffectivePolicy.of(WAY, Phase.POST_ROUTING, policies);

        assertThat(effective.policies()).hasSize(1);
        assertThat(effective.authorizing()).hasSize(1);
    }

    @Test
    void printsEveryLineWithItsPlace() {
        read("gateway", "targetRefs: [{TARGET, kind: Gateway, name: gw}]", "", "i1", "a\n  && b");
        read("listener", "targetRefs: [{TARGET, kind: Gateway, name: gw, sectionName: http}]", OVERRIDE, "i2", "r2");
        read("route", "targetRefs: [{TARGET, kind: HTTPRoute, name: chat}]", "", "i3", "r3");

        assertThat(EffectivePolicy.of(WAY, Phase.POST_ROUTING, policies)).hasToString("""
                listener.yaml:9:7: jwtAuthentication Strict of default/listener
                listener.yaml:10:9: provider `i2`, any audience
                gateway.yaml:15:13: Allow `a && b` of default/gateway
                listener.yaml:15:14: Allow `r2` of default/listener
                gateway.yaml:8:7: not in force: jwtAuthentication of default/gateway, locked by default/listener
                route.yaml:8:7: not in force: jwtAuthentication of default/route, locked by default/listener
                route.yaml:12:7: not in force: authorization of default/route, locked by default/listener""");
    }

    @Test
    void guardsWithWhatWasResolved() {
        read("gateway", "targetRefs: [{TARGET, kind: Gateway, name: gw}]", "", null, "true");
        read("route", "targetRefs: [{TARGET, kind: HTTPRoute, name: chat}]", "", null, "fail");
        read("elsewhere", "targetRefs: [{TARGET, kind: HTTPRoute, name: other}]", "", null, "nonsense");
        EffectivePolicy effective = EffectivePolicy.of(WAY, Phase.POST_ROUTING, policies);
        PolicyEngine.Builder engine = PolicyEngine.builder().policy(effective).expressions(new ConstantExpressions());

        assertThat(engine.build().decide(PolicyRequest.builder("GET", "/").build()))
                .isInstanceOf(Decision.Allow.class);
        assertThatThrownBy(() -> engine.policies(policies).build()).isInstanceOf(IllegalStateException.class);
    }

    private static final String OVERRIDE = "strategy: {inheritance: Override}\n  ";

    private void read(String name, String targets, String options, @Nullable String issuer, String rule) {
        String jwks = "{inline: '{\"keys\":[]}'}";
        String text =
                "apiVersion: agentgateway.dev/v1alpha1\nkind: AgentgatewayPolicy\nmetadata: {name: " + name + "}\n"
                        + "spec:\n  " + targets.replace("TARGET", "group: gateway.networking.k8s.io") + "\n  "
                        + options.replace("PRE", "") + "traffic:\n"
                        + (options.contains("PRE") ? "    phase: PreRouting\n" : "")
                        + (issuer == null
                                ? ""
                                : "    jwtAuthentication:\n      providers:\n      - issuer: " + issuer
                                        + "\n        jwks: " + jwks + "\n")
                        + "    authorization:\n      policy:\n        matchExpressions:\n"
                        + (rule.contains("\n")
                                ? "          - |\n            " + rule.replace("\n", "\n            ")
                                : "          - '" + rule + "'")
                        + "\n";
        String file = name.split(",", 2)[0] + ".yaml";
        policies.addAll(PolicyReader.parse(file, text));
    }

    private static List<String> names(List<TrafficPolicy> policies) {
        return policies.stream().map(policy -> policy.name().name()).toList();
    }

    private static String issuer(EffectivePolicy effective) {
        return effective.jwtAuthentication() == null
                ? "none"
                : effective.jwtAuthentication().providers().get(0).issuer();
    }
}
