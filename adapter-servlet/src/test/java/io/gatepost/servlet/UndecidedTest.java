package io.gatepost.servlet;

import static io.gatepost.servlet.WaitingTest.COSTLY;
import static io.gatepost.servlet.WaitingTest.engine;
import static io.gatepost.servlet.WaitingTest.verifyingOn;
import static org.assertj.core.api.Assertions.assertThat;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.testkit.AdapterContract.Adapter;
import io.gatepost.testkit.WireClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where there is no decision, nothing gets through. */
class UndecidedTest {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final FiltersBehind behind = new FiltersBehind();

    @AfterEach
    void end() {
        threads.shutdownNow();
    }

    private Site site(PolicyFilter filter) {
        return Site.of(filter, behind.servlet()).behind(behind.all());
    }

    private static WireClient.Response ask(Adapter server) throws IOException {
        try (WireClient client = WireClient.connect(server.address())) {
            return client.head(
                            "GET / HTTP/1.1",
                            "Host: h",
                            "X-Id: 0",
                            "Authorization: Bearer "
                                    + COSTLY.token().claim("jti", "1").compact())
                    .response();
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void refusesARequestForWhichNoDecisionComes(Containers.Starter container) throws Exception {
        PolicyEngine engine = verifyingOn(task -> {}, engine(COSTLY.provider()));
        try (Adapter server =
                container.start(site(new PolicyFilter(engine, 1000, TrustedProxies.NONE, Duration.ofMillis(50))))) {
            WireClient.Response response = ask(server);

            assertThat(response.status()).isEqualTo(503);
            assertThat(response.error()).containsEntry("code", "decision_timeout");
            assertThat(behind.seen("0")).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("io.gatepost.servlet.Containers#all")
    void refusesARequestThatCannotBeJudgedForAFault(Containers.Starter container) throws Exception {
        for (boolean elsewhere : List.of(true, false)) {
            PolicyEngine.Builder builder = engine(COSTLY.provider()).listener((request, decision, elapsed) -> {
                if (!request.headers("X-Id").isEmpty()) {
                    throw new UncheckedIOException(new IOException("a secret"));
                }
            });
            PolicyEngine engine = elsewhere ? verifyingOn(threads, builder) : builder.build();
            try (Lines log = new Lines();
                    Adapter server = container.start(site(new PolicyFilter(engine)))) {
                WireClient.Response response = ask(server);

                assertThat(response.status()).isEqualTo(500);
                assertThat(response.error()).containsEntry("code", "internal_error");
                assertThat(behind.seen("0")).isEmpty();
                assertThat(log.ofTheFilter)
                        .singleElement()
                        .asString()
                        .contains("java.io.UncheckedIOException at io.gatepost.servlet.UndecidedTest")
                        .doesNotContain("a secret");
            }
        }
    }

    /** What the filter logs. */
    private static final class Lines extends Handler implements AutoCloseable {
        private final Logger logger = Logger.getLogger(PolicyFilter.class.getName());
        private final List<String> ofTheFilter = new ArrayList<>();

        Lines() {
            logger.addHandler(this);
        }

        @Override
        public synchronized void publish(@Nullable LogRecord line) {
            if (line != null) {
                ofTheFilter.add(new SimpleFormatter().format(line));
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {
            logger.removeHandler(this);
        }
    }
}
