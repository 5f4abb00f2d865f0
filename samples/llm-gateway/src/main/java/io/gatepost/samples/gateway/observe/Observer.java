package io.gatepost.samples.gateway.observe;

import io.gatepost.policy.DecisionListener;
import io.gatepost.policy.DenyReason;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.log.LineLimit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where all that happens is told. Thread-safe. */
public final class Observer {
    private static final Logger LOG = LoggerFactory.getLogger("gateway");

    private final Metrics metrics;
    private final @Nullable AuditLog audit;
    private final boolean heard;
    private final LineLimit refusals = new LineLimit();

    /**
     * Tells of one gateway.
     *
     * @param metrics what counts
     * @param audit what records every decision; null for nothing
     */
    public Observer(Metrics metrics, @Nullable AuditLog audit) {
        this(metrics, audit, true);
    }

    private Observer(Metrics metrics, @Nullable AuditLog audit, boolean heard) {
        this.metrics = metrics;
        this.audit = audit;
        this.heard = heard;
    }

    /**
     * Tells nobody: for a gateway whose requests are no client's.
     *
     * @return an observer with metrics that nobody reads
     */
    public static Observer unheard() {
        return new Observer(new Metrics(), null, false);
    }

    /**
     * Whether anybody is to know.
     *
     * @return false where nothing may reach the log
     */
    public boolean isHeard() {
        return heard;
    }

    /**
     * What counts.
     *
     * @return the metrics of this gateway
     */
    public Metrics metrics() {
        return metrics;
    }

    /**
     * What records every decision.
     *
     * @return null for nothing
     */
    public @Nullable AuditLog audit() {
        return audit;
    }

    /** Whether a refusal gets a line in the log; says how many before it got none. */
    boolean tellsRefusal() {
        if (!heard) {
            return false;
        }
        int missed = refusals.next();
        if (missed > 0) {
            LOG.warn(
                    "{} refusals have no line here, there were more than {} in a second", missed, LineLimit.PER_SECOND);
        }
        return missed >= 0;
    }

    /**
     * A request's head was refused before anything of it was known.
     *
     * @param requestId the gateway's name for it
     * @param answer what the client is told
     */
    public void headRefused(String requestId, ErrorResponse answer) {
        if (audit != null) {
            audit.add(AuditRecord.ofHead(requestId, answer.status()));
        }
        if (tellsRefusal()) {
            LOG.atInfo()
                    .addKeyValue("decision", "deny")
                    .addKeyValue("reason", DenyReason.REQUEST_MALFORMED)
                    .addKeyValue("status", answer.status())
                    .addKeyValue("requestId", requestId)
                    .log(answer.message());
        }
    }

    /**
     * What hears of decisions.
     *
     * @return a listener for the engines of all routes
     */
    public DecisionListener decisions() {
        return new DecisionLog(this);
    }
}
