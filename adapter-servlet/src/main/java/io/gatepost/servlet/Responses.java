package io.gatepost.servlet;

import io.gatepost.policy.ErrorResponse;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers of the gateway's own. */
final class Responses {
    private Responses() {}

    /**
     * Sends an answer that no cache keeps, in the form that the client understands; headers that were set before, such
     * as those for CORS, stay.
     */
    static void send(HttpServletRequest request, HttpServletResponse response, ErrorResponse answer)
            throws IOException {
        // Tomcat answers a body that can't be read itself: with 500 unless it forgets why, otherwise with 400.
        request.removeAttribute(RequestDispatcher.ERROR_EXCEPTION);
        if (response.isCommitted()) {
            return;
        }
        ErrorResponse understood = answer.inAnswerTo(new ServletPolicyRequest(request));
        response.resetBuffer();
        response.setStatus(understood.status());
        response.setHeader("Cache-Control", "no-store");
        understood.headers().forEach(response::setHeader);
        byte[] body = understood.bodyBytes();
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
