package io.gatepost.tools.explain;

import io.gatepost.policy.Decision;
import io.gatepost.policy.PolicyRequest;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.keys.KeySources;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.JwtProvider;
import io.gatepost.policy.model.TokenLocation;
import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Decides on requests as they might have been, with every check that is made of real ones. Not thread-safe. */
final class Trial implements AutoCloseable {
    private final Function<PolicyRequest, @Nullable Guard> guards;
    private final ExpressionCompiler expressions;
    private final @Nullable KeySources keys;
    private final Clock clock;
    private final boolean claimsGiven;
    private final Search search;
    private final Function<JwtProvider, Set<Signer>> signers;
    private final Map<Guard, Judge> real = new HashMap<>();
    private final Map<Guard, Judge> standing = new HashMap<>();
    private final Map<Guard, Judge> ruling = new HashMap<>();

    Trial(
            Function<PolicyRequest, @Nullable Guard> guards,
            ExpressionCompiler expressions,
            @Nullable KeySources keys,
            Clock clock,
            boolean claimsGiven,
            Search search) {
        this(guards, expressions, keys, clock, claimsGiven, search, any -> Set.of(Signer.BOTH));
    }

    Trial(
            Function<PolicyRequest, @Nullable Guard> guards,
            ExpressionCompiler expressions,
            @Nullable KeySources keys,
            Clock clock,
            boolean claimsGiven,
            Search search,
            Function<JwtProvider, Set<Signer>> signers) {
        this.signers = signers;
        this.guards = guards;
        this.expressions = expressions;
        this.keys = keys;
        this.clock = clock;
        this.claimsGiven = claimsGiven;
        this.search = search;
    }

    Clock clock() {
        return clock;
    }

    boolean claimsGiven() {
        return claimsGiven;
    }

    Search search() {
        return search;
    }

    /** Whether the request would be allowed, also where it would be another route's. */
    boolean allows(World world) {
        Guard guard = guards.apply(world.request());
        return guard != null && allows(world, guard);
    }

    boolean allows(World world, Guard guard) {
        search.goOn();
        if (claimsGiven) {
            return rules(world, guard).allows();
        }
        return world.tokenChanged()
                ? standing(world, guard) instanceof Decision.Allow
                : judge(guard).decide(world.request(), null).allows();
    }

    /** Takes the stand-in's tokens for those of all issuers. */
    Judge standIn(Guard guard) {
        return standing.computeIfAbsent(guard, this::standing);
    }

    /** With every check but that of the issuer's own keys, where it can be told where tokens stand. */
    Decision standing(World world, Guard guard) {
        ChangedRequest bearing =
                world.claims() == null ? world.request() : StandIn.bearing(world.request(), world.claims(), guard);
        return bearing == null
                ? rules(world, guard).decision()
                : standIn(guard).decide(bearing, null).decision();
    }

    /** As if the claims were verified: the rules only. */
    Judge.Outcome rules(World world, Guard guard) {
        search.goOn();
        return ruling.computeIfAbsent(guard, this::ruling)
                .decide(claimsGiven ? world.request() : withoutCredential(world.request(), guard), world.claims());
    }

    private static ChangedRequest withoutCredential(ChangedRequest request, Guard guard) {
        ChangedRequest stripped = request;
        for (JwtAuthentication jwt : guard.authentications()) {
            if (jwt.location() instanceof TokenLocation.Header header) {
                stripped = stripped.withHeader(header.name(), List.of());
            }
        }
        return stripped;
    }

    /** The engines as they are, kept for the time of the trial. */
    Judge judge(Guard guard) {
        return real.computeIfAbsent(
                claimsGiven ? guard.withAuthentication(jwt -> null) : guard,
                one -> new Judge(one, expressions, keys, clock));
    }

    private Judge standing(Guard guard) {
        return new Judge(guard.withAuthentication(jwt -> StandIn.trusting(jwt, signers)), expressions, keys, clock);
    }

    private Judge ruling(Guard guard) {
        return new Judge(guard.withAuthentication(jwt -> null), expressions, keys, clock);
    }

    @Override
    public void close() {
        real.values().forEach(Judge::close);
        standing.values().forEach(Judge::close);
        ruling.values().forEach(Judge::close);
    }
}
