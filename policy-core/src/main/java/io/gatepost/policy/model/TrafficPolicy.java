package io.gatepost.policy.model;

import io.gatepost.policy.diagnostic.Origin;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Which JWT issuers to trust and which expressions must hold, for the targets named. Read from documents of kind
 * {@code TrafficPolicy} and {@code AgentgatewayPolicy} alike. Immutable.
 *
 * @param name the document's name
 * @param targetRefs targets by name; may be empty for a policy made in code
 * @param targetSelectors targets by label; empty where {@code targetRefs} is not
 * @param phase when it applies
 * @param inheritance how it meets more specific policies
 * @param jwtAuthentication who may call; null where the policy leaves that to others
 * @param authorization what they may do; null where the policy leaves that to others
 * @param origin where the document starts
 * @param enforcement whether it counts, or is only reported
 */
public record TrafficPolicy(
        ObjectName name,
        List<TargetRef> targetRefs,
        List<TargetSelector> targetSelectors,
        Phase phase,
        Inheritance inheritance,
        @Nullable JwtAuthentication jwtAuthentication,
        @Nullable Authorization authorization,
        Origin origin,
        Enforcement enforcement) {
    /** How a policy meets more specific ones of the same request ({@code spec.strategy.inheritance}). */
    public enum Inheritance {
        /** A more specific policy replaces authentication and adds its rules. */
        DEFAULT,
        /** More specific policies of the same field are ignored. */
        OVERRIDE
    }

    public TrafficPolicy {
        Objects.requireNonNull(enforcement, "enforcement");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(phase, "phase");
        Objects.requireNonNull(inheritance, "inheritance");
        Objects.requireNonNull(origin, "origin");
        targetRefs = List.copyOf(targetRefs);
        targetSelectors = List.copyOf(targetSelectors);
        if (!targetRefs.isEmpty() && !targetSelectors.isEmpty()) {
            throw new IllegalArgumentException("targetRefs and targetSelectors exclude each other");
        }
    }

    /** By its name only: policies are looked up for each route, and hardly two have one name. */
    @Override
    public int hashCode() {
        return name.hashCode();
    }

    /**
     * A policy that counts.
     *
     * @param name as above
     * @param targetRefs as above
     * @param targetSelectors as above
     * @param phase as above
     * @param inheritance as above
     * @param jwtAuthentication as above
     * @param authorization as above
     * @param origin as above
     */
    public TrafficPolicy(
            ObjectName name,
            List<TargetRef> targetRefs,
            List<TargetSelector> targetSelectors,
            Phase phase,
            Inheritance inheritance,
            @Nullable JwtAuthentication jwtAuthentication,
            @Nullable Authorization authorization,
            Origin origin) {
        this(
                name,
                targetRefs,
                targetSelectors,
                phase,
                inheritance,
                jwtAuthentication,
                authorization,
                origin,
                Enforcement.ENFORCED);
    }

    /**
     * Whether an engine is needed for it: whether it authenticates or has rules, if only in shadow.
     *
     * @return false where it has parts only that others enforce, such as {@code cors}
     */
    public boolean decides() {
        return jwtAuthentication != null || authorization != null;
    }

    /**
     * The same policy, but for who may call.
     *
     * @param changed who may call, or null
     * @return a new policy
     */
    public TrafficPolicy withJwtAuthentication(@Nullable JwtAuthentication changed) {
        return with(inheritance, changed, authorization, enforcement);
    }

    /**
     * The same policy, but for what callers may do.
     *
     * @param changed what they may do, or null
     * @return a new policy
     */
    public TrafficPolicy withAuthorization(@Nullable Authorization changed) {
        return with(inheritance, jwtAuthentication, changed, enforcement);
    }

    /**
     * The same policy, but for how it meets more specific ones.
     *
     * @param changed how it meets them
     * @return a new policy
     */
    public TrafficPolicy withInheritance(Inheritance changed) {
        return with(changed, jwtAuthentication, authorization, enforcement);
    }

    /** The one place where a policy is copied, so that no copy forgets a part. */
    private TrafficPolicy with(
            Inheritance meeting, @Nullable JwtAuthentication who, @Nullable Authorization what, Enforcement counting) {
        return new TrafficPolicy(name, targetRefs, targetSelectors, phase, meeting, who, what, origin, counting);
    }

    /**
     * Whether some of it, or all, is only reported.
     *
     * @return whether there is something in shadow
     */
    public boolean hasShadow() {
        return enforcement == Enforcement.SHADOW
                || (authorization != null && authorization.enforcement() == Enforcement.SHADOW);
    }

    /**
     * What it would be if all of it counted.
     *
     * @return the policy, without anything in shadow
     */
    public TrafficPolicy enforced() {
        return hasShadow()
                ? with(
                        inheritance,
                        jwtAuthentication,
                        authorization == null ? null : authorization.enforced(),
                        Enforcement.ENFORCED)
                : this;
    }

    /**
     * A policy made in code, for an engine that applies it to every request.
     *
     * @param name a name for explanations
     * @param jwtAuthentication who may call, or null
     * @param authorization what they may do, or null
     * @return the policy, without targets, after routing
     */
    public static TrafficPolicy of(
            String name, @Nullable JwtAuthentication jwtAuthentication, @Nullable Authorization authorization) {
        return new TrafficPolicy(
                new ObjectName("default", name),
                List.of(),
                List.of(),
                Phase.POST_ROUTING,
                Inheritance.DEFAULT,
                jwtAuthentication,
                authorization,
                Origin.CODE);
    }
}
