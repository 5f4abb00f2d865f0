package io.gatepost.samples.custom;

import io.gatepost.policy.Decision;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.policy.forward.jdk.ClientResponse;
import io.gatepost.policy.forward.jdk.JdkForwarder;
import io.gatepost.policy.log.DenialLog;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletionException;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** The adapter: judges each request, answers what is denied, and forwards only after an allow. */
final class GuardedHandler extends Handler.Abstract {
    private final PolicyEngine engine;
    private final JdkForwarder forwarder;
    private final DenialLog log = new DenialLog("custom-gateway");

    GuardedHandler(PolicyEngine engine, JdkForwarder forwarder) {
        this.engine = engine;
        this.forwarder = forwarder;
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        JettyRequest judged = new JettyRequest(request);
        try {
            ErrorResponse error = judge(judged, response);
            if (error != null) {
                answer(judged, response, error, callback);
            } else {
                callback.succeeded();
            }
        } catch (RejectedRequestException e) {
            answer(judged, response, log.refused(judged, e.response()), callback);
        } catch (CompletionException e) {
            // A body that can't be judged. Anything else is a fault, which the server answers with 500.
            if (!(e.getCause() instanceof RejectedRequestException rejected)) {
                throw e;
            }
            answer(judged, response, log.refused(judged, rejected.response()), callback);
        } catch (IOException e) {
            // Breaks off a response that has begun, so that nobody takes it for a whole one.
            callback.failed(e);
        }
        return true;
    }

    /** What the gateway answers itself; null where the upstream has answered. */
    private @Nullable ErrorResponse judge(JettyRequest judged, Response response)
            throws IOException, RejectedRequestException {
        WholeBody body = new WholeBody(judged.request());
        Decision decision =
                engine.decideAsync(judged, null, body).toCompletableFuture().join();
        return decision instanceof Decision.Allow allowed
                ? forwarder.forward(judged, allowed, body.asItCame(), WholeBody.LIMIT, begin(response))
                : log.denied(judged, (Decision.Deny) decision);
    }

    @Override
    protected void doStop() throws Exception {
        super.doStop();
        forwarder.close();
    }

    private static ClientResponse begin(Response response) {
        return (status, headers) -> {
            response.setStatus(status);
            headers.forEach((name, values) -> {
                response.getHeaders().remove(name);
                values.forEach(value -> response.getHeaders().add(name, value));
            });
            OutputStream out = Content.Sink.asOutputStream(response);
            out.flush();
            return out;
        };
    }

    private static void answer(JettyRequest asked, Response response, ErrorResponse error, Callback callback) {
        ErrorResponse understood = error.inAnswerTo(asked);
        response.setStatus(understood.status());
        response.getHeaders().put("Cache-Control", "no-store");
        understood.headers().forEach(response.getHeaders()::put);
        response.write(true, ByteBuffer.wrap(understood.bodyBytes()), callback);
    }
}
