package io.gatepost.samples.custom;

import io.gatepost.policy.Decision;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.RejectedRequestException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** The adapter: judges each request, answers what is denied, and forwards only after an allow. */
final class GuardedHandler extends Handler.Abstract {
    private final PolicyEngine engine;
    private final Forwarding forwarding;

    GuardedHandler(PolicyEngine engine, Forwarding forwarding) {
        this.engine = engine;
        this.forwarding = forwarding;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        try {
            ErrorResponse error = judge(request, response);
            if (error != null) {
                answer(response, error, callback);
            } else {
                callback.succeeded();
            }
        } catch (RejectedRequestException e) {
            answer(response, e.response(), callback);
        } catch (CompletionException e) {
            // A body that can't be judged. Anything else is a fault, which the server answers with 500.
            if (!(e.getCause() instanceof RejectedRequestException rejected)) {
                throw e;
            }
            answer(response, rejected.response(), callback);
        } catch (IOException e) {
            // Breaks off a response that has begun, so that nobody takes it for a whole one.
            callback.failed(e);
        }
        return true;
    }

    /** What the gateway answers itself; null where the upstream has answered. */
    private @Nullable ErrorResponse judge(Request request, Response response)
            throws IOException, RejectedRequestException {
        JettyRequest judged = new JettyRequest(request);
        WholeBody body = new WholeBody(request);
        Decision decision =
                engine.decideAsync(judged, null, body).toCompletableFuture().join();
        return decision instanceof Decision.Allow allowed
                ? forwarding.forward(judged, allowed, body, response)
                : ((Decision.Deny) decision).response();
    }

    private static void answer(Response response, ErrorResponse error, Callback callback) {
        response.setStatus(error.status());
        response.getHeaders().put("Cache-Control", "no-store");
        error.headers().forEach(response.getHeaders()::put);
        response.write(true, ByteBuffer.wrap(error.bodyBytes()), callback);
    }
}
