package io.gatepost.testkit;

import static io.gatepost.testkit.GatepostAssertions.assertThat;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.model.Authorization;
import io.gatepost.policy.model.AuthorizationAction;
import io.gatepost.policy.model.TrafficPolicy;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** When a request came: what {@code request.startTime} says. */
class RequestTimeTest {
    private static final PolicyRequest REQUEST =
            PolicyRequest.builder("GET", "/v1/models").build();

    private static PolicyEngine engine(Clock clock, String... rules) {
        return PolicyEngine.builder()
                .policies(List.of(TrafficPolicy.of("p", null, Authorization.of(AuthorizationAction.REQUIRE, rules))))
                .expressions(new CelExpressionCompiler())
                .clock(clock)
                .build();
    }

    private static Clock at(String instant) {
        return Clock.fixed(Instant.parse(instant), ZoneOffset.UTC);
    }

    @Test
    void isWhatTheEnginesClockSays() {
        String office = "request.startTime.getHours() >= 8 && request.startTime.getHours() < 18";

        assertThat(engine(at("2026-11-25T12:00:00Z"), office).decide(REQUEST)).isAllowed();
        assertThat(engine(at("2026-11-25T00:00:00Z"), office).decide(REQUEST)).isDenied();
    }

    @Test
    void isOneInstantInBothPhases() {
        AtomicInteger asked = new AtomicInteger();
        InstantSource ticking = () -> Instant.EPOCH.plusSeconds(asked.getAndIncrement());
        Clock clock = ticking.withZone(ZoneOffset.UTC);
        PolicyEngine early = engine(clock, "request.startTime == timestamp(0)", "request.startTime < timestamp(1)");
        PolicyEngine late = engine(clock, "request.startTime == timestamp(0)");

        Decision.Allow allowed = (Decision.Allow) early.decide(REQUEST);
        assertThat(late.decide(REQUEST, allowed)).isAllowed();
    }
}
