package io.gatepost.servlet;

import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.PolicyTarget;
import io.gatepost.policy.diagnostic.InvalidPolicyException;
import io.gatepost.policy.document.PolicyReader;
import io.gatepost.policy.expression.ExpressionCompiler;
import io.gatepost.policy.forward.RequestBody;
import io.gatepost.policy.forward.TrustedProxies;
import io.gatepost.policy.keys.KeySources;
import jakarta.servlet.FilterConfig;
import jakarta.servlet.ServletException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** An engine made from a filter's init-params. */
record ConfiguredEngine(PolicyEngine engine, KeySources keys, int bodyLimit, TrustedProxies proxies)
        implements AutoCloseable {
    static ConfiguredEngine of(FilterConfig config) throws ServletException {
        String file = config.getInitParameter("policyFile");
        if (file == null) {
            throw new ServletException("the filter has neither an engine nor the init-param `policyFile`");
        }
        int limit = limit(config.getInitParameter("bodyLimit"));
        UnaryOperator<PolicyEngine.Builder> targets = targets(config.getInitParameter("target"));
        TrustedProxies proxies = proxies(config.getInitParameter("trustedProxies"));
        ExpressionCompiler compiler = compiler(config.getInitParameter("expressionCompiler"));
        KeySources keys = KeySources.create();
        try {
            PolicyEngine.Builder builder = targets.apply(PolicyEngine.builder()
                    .policies(PolicyReader.read(Path.of(file)))
                    .keys(keys));
            return new ConfiguredEngine(
                    (compiler == null ? builder : builder.expressions(compiler)).build(), keys, limit, proxies);
        } catch (InvalidPolicyException | IllegalStateException e) {
            keys.close();
            throw new ServletException(e.getMessage(), e);
        }
    }

    /** What of the file guards this application: targets, the least specific first, or all policies by a star. */
    private static UnaryOperator<PolicyEngine.Builder> targets(@Nullable String setting) throws ServletException {
        if (setting == null || setting.isBlank()) {
            return UnaryOperator.identity();
        }
        if (setting.strip().equals("*")) {
            return PolicyEngine.Builder::ignoringTargets;
        }
        try {
            PolicyTarget[] targets = Arrays.stream(setting.split(",", -1))
                    .map(PolicyTarget::parse)
                    .toArray(PolicyTarget[]::new);
            return builder -> builder.forTarget(targets);
        } catch (IllegalArgumentException e) {
            throw new ServletException("init-param `target`: " + e.getMessage(), e);
        }
    }

    private static int limit(@Nullable String bytes) throws ServletException {
        try {
            int limit = bytes == null ? RequestBody.DEFAULT_LIMIT : Integer.parseInt(bytes);
            if (limit > 0) {
                return limit;
            }
        } catch (NumberFormatException e) {
            // As wrong as one that is not positive.
        }
        throw new ServletException("init-param `bodyLimit`: expected a positive number of bytes");
    }

    private static TrustedProxies proxies(@Nullable String networks) throws ServletException {
        if (networks == null || networks.isBlank()) {
            return TrustedProxies.NONE;
        }
        try {
            return TrustedProxies.of(
                    Arrays.stream(networks.split(",", -1)).map(String::strip).toList());
        } catch (IllegalArgumentException e) {
            throw new ServletException("init-param `trustedProxies`: " + e.getMessage(), e);
        }
    }

    private static @Nullable ExpressionCompiler compiler(@Nullable String className) throws ServletException {
        if (className == null) {
            return null;
        }
        try {
            return Class.forName(className, true, Thread.currentThread().getContextClassLoader())
                    .asSubclass(ExpressionCompiler.class)
                    .getConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException | ClassCastException e) {
            throw new ServletException(
                    "init-param `expressionCompiler`: expected an ExpressionCompiler with a public constructor"
                            + " without parameters",
                    e);
        }
    }

    @Override
    public void close() {
        engine.close();
        keys.close();
    }
}
