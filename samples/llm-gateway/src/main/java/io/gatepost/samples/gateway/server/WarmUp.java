package io.gatepost.samples.gateway.server;

import io.gatepost.routes.manifest.Manifests;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has the JVM compile what serving takes before anybody waits for it: asks a gateway of its own on loopback, which has
 * the loaded policies with other keys and an upstream that knows one answer. Nothing that counts, records or remembers
 * hears of it, and nothing of it is left when it has ended.
 */
final class WarmUp {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");

    /** How long it may take to notice that time is up. */
    private static final Duration GRACE = Duration.ofSeconds(1);

    /** How long to ask before the compilers get the machine to themselves; on one core they share it with what asks. */
    private static final long BURST = Duration.ofMillis(100).toNanos();

    /** After how many bursts in a row that compiled nothing it ends. */
    private static final int ENOUGH = 5;

    private final Manifests loaded;
    private final long started = System.nanoTime();
    private final long end;

    private WarmUp(Manifests loaded, Duration bound) {
        this.loaded = loaded;
        end = started + bound.toNanos();
    }

    /**
     * Warms up, for as long as that compiles anything. Whatever goes wrong is logged, and that is all.
     *
     * @param loaded what will be served
     * @param bound how long it may take
     */
    static void run(Manifests loaded, Duration bound) {
        WarmUp warmUp = new WarmUp(loaded, bound);
        Thread thread = new Thread(warmUp::go, "warm-up");
        thread.setDaemon(true);
        thread.start();
        try {
            thread.join(bound.plus(GRACE).toMillis());
            // It waits for an answer, which this ends, or does not wait at all.
            thread.interrupt();
            thread.join(GRACE.toMillis());
        } catch (InterruptedException impatient) {
            thread.interrupt();
            Thread.currentThread().interrupt();
        }
        // What it left would be collected at the expense of the first requests.
        System.gc();
    }

    private void go() {
        try {
            long requests = ask();
            LOG.info("warmed up in {} ms by {} requests", (System.nanoTime() - started) / 1_000_000, requests);
        } catch (Throwable problem) {
            LOG.warn("serving starts without having warmed up: {}", problem.toString());
        }
    }

    private long ask() throws IOException, GeneralSecurityException {
        WarmUpKeys keys = new WarmUpKeys();
        WarmUpManifests manifests = new WarmUpManifests(loaded, keys.jwks());
        try (WarmUpUpstream upstream = new WarmUpUpstream();
                GatewayServer gateway = GatewayServer.unheard(manifests::served, upstream.url());
                WarmUpClient client = new WarmUpClient(gateway.url(), keys, manifests)) {
            Compiler compiler = new Compiler();
            int useless = 0;
            while (useless < ENOUGH && System.nanoTime() - end < 0) {
                client.askUntil(Math.min(end, System.nanoTime() + BURST));
                useless = compiler.rest(end) ? 0 : useless + 1;
            }
            return client.asked();
        }
    }
}
