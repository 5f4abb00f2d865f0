package io.gatepost.samples.gateway.server;

import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.forward.Client;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Finds policies that read a header which no request has, unless a trusted proxy is in front. */
public final class ProxyHeaders {
    private ProxyHeaders() {}

    /** Made for the first expression that may be about these headers: it takes time, and most files have none. */
    private static final class Compiler {
        static final CelExpressionCompiler EXPRESSIONS = new CelExpressionCompiler();
    }

    /**
     * What policies ask for in vain.
     *
     * @param policies the policies
     * @param proxies whose headers are believed
     * @return a warning for each place that names such a header; none where somebody is believed
     */
    public static List<Diagnostic> unbelieved(List<TrafficPolicy> policies, TrustedProxies proxies) {
        List<Diagnostic> found = new ArrayList<>();
        if (!proxies.isEmpty()) {
            return found;
        }
        for (TrafficPolicy policy : policies) {
            JwtAuthentication jwt = policy.jwtAuthentication();
            if (jwt != null) {
                check(jwt, found);
            }
            if (policy.authorization() != null) {
                policy.authorization().matchExpressions().forEach(expression -> check(expression, found));
            }
        }
        return found;
    }

    private static void check(JwtAuthentication jwt, List<Diagnostic> found) {
        Runnable check = jwt.location()
                .fold(
                        header -> () -> check(header.name(), jwt.origin(), found),
                        parameter -> () -> {},
                        cookie -> () -> {},
                        computed -> () -> check(computed.expression(), found));
        check.run();
    }

    private static void check(String header, Origin origin, List<Diagnostic> found) {
        if (Client.needsProxy(header)) {
            found.add(Diagnostic.warning(
                    origin,
                    "no request has the header `" + header + "` here: it is believed of a trusted proxy only, and none"
                            + " is named; give its addresses in --trusted-proxies"));
        }
    }

    private static void check(MatchExpression expression, List<Diagnostic> found) {
        // Trees cost time, and few expressions are about these headers.
        if (!expression.text().toLowerCase(Locale.ROOT).contains("x-forwarded-")) {
            return;
        }
        try {
            Compiler.EXPRESSIONS.syntax(expression.text()).parts().forEach(part -> {
                if (part.constant() instanceof String text) {
                    check(text, expression.at(part.line(), part.column()), found);
                }
            });
        } catch (InvalidExpressionException problem) {
            // Whoever compiles it to decide by tells.
        }
    }
}
