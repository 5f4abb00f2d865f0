package io.gatepost.samples.custom;

import io.gatepost.policy.Decision;
import io.gatepost.policy.ErrorResponse;
import io.gatepost.policy.PolicyEngine;
import io.gatepost.policy.forward.RejectedBodyException;
import io.gatepost.policy.forward.RejectedRequestException;
import io.gatepost.policy.forward.RequestBody;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** The adapter: judges each request, answers what is denied, and forwards only after an allow. */
final class GuardedHandler extends Handler.Abstract {
    private static final int LIMIT = RequestBody.DEFAULT_LIMIT;

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
        } catch (IOException e) {
            // Breaks off a response that has begun, so that nobody takes it for a whole one.
            callback.failed(e);
        }
        return true;
    }

    /** What the gateway answers itself; null where the upstream has answered. */
    private @Nullable ErrorResponse judge(Request request, Response response)
            throws IOException, RejectedRequestException {
        byte[] body = engine.readsBody() || forwarding.changesBody() ? read(request) : null;
        byte[] decoded = body == null ? null : decoded(request, body);
        JettyRequest judged = new JettyRequest(request, decoded);
        Decision decision = engine.decide(judged);
        return decision instanceof Decision.Allow allowed
                ? forwarding.forward(judged, allowed, body, response)
                : ((Decision.Deny) decision).response();
    }

    private static byte[] read(Request request) throws RejectedBodyException {
        if (request.getLength() > LIMIT) {
            throw RequestBody.tooLarge(LIMIT);
        }
        byte[] body;
        try (InputStream stream = Content.Source.asInputStream(request)) {
            body = stream.readNBytes(LIMIT + 1);
        } catch (IOException e) {
            throw RequestBody.broken();
        }
        if (body.length > LIMIT) {
            throw RequestBody.tooLarge(LIMIT);
        }
        return body;
    }

    private static byte[] decoded(Request request, byte[] body) throws RejectedBodyException {
        return RequestBody.decode(body, request.getHeaders().getValuesList("Content-Encoding"), LIMIT);
    }

    private static void answer(Response response, ErrorResponse error, Callback callback) {
        response.setStatus(error.status());
        error.headers().forEach(response.getHeaders()::put);
        response.write(true, ByteBuffer.wrap(error.bodyBytes()), callback);
    }
}
