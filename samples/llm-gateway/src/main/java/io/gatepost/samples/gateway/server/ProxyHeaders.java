package io.gatepost.samples.gateway.server;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelSourceLocation;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import dev.cel.common.navigation.CelNavigableAst;
import dev.cel.common.navigation.CelNavigableExpr;
import io.gatepost.policy.cel.CelExpressionCompiler;
import io.gatepost.policy.diagnostic.Diagnostic;
import io.gatepost.policy.diagnostic.Origin;
import io.gatepost.policy.expression.InvalidExpressionException;
import io.gatepost.policy.forward.Client;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.model.JwtAuthentication;
import io.gatepost.policy.model.MatchExpression;
import io.gatepost.policy.model.TokenLocation;
import io.gatepost.policy.model.TrafficPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Finds policies that read a header which no request has, unless a trusted proxy is in front. */
public final class ProxyHeaders {
    private static final CelExpressionCompiler EXPRESSIONS = new CelExpressionCompiler();

    private ProxyHeaders() {}

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
            if (jwt != null && jwt.location() instanceof TokenLocation.Header header) {
                check(header.name(), jwt.origin(), found);
            } else if (jwt != null && jwt.location() instanceof TokenLocation.Computed computed) {
                check(computed.expression(), found);
            }
            if (policy.authorization() != null) {
                policy.authorization().matchExpressions().forEach(expression -> check(expression, found));
            }
        }
        return found;
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
            CelAbstractSyntaxTree tree = EXPRESSIONS.syntax(expression.text());
            CelNavigableAst.fromAst(tree)
                    .getRoot()
                    .allNodes()
                    .filter(ProxyHeaders::isText)
                    .forEach(
                            text -> check(text.expr().constant().stringValue(), origin(expression, tree, text), found));
        } catch (InvalidExpressionException problem) {
            // Whoever compiles it to decide by tells.
        }
    }

    private static boolean isText(CelNavigableExpr part) {
        return part.getKind() == Kind.CONSTANT && part.expr().constant().getKind() == CelConstant.Kind.STRING_VALUE;
    }

    private static Origin origin(MatchExpression expression, CelAbstractSyntaxTree tree, CelNavigableExpr part) {
        int offset = tree.getSource().getPositionsMap().getOrDefault(part.id(), 0);
        CelSourceLocation place = tree.getSource().getOffsetLocation(offset).orElse(CelSourceLocation.of(1, 0));
        return expression.at(place.getLine(), place.getColumn() + 1);
    }
}
