package io.gatepost.servlet;

import io.gatepost.policy.ErrorResponse;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers of the gateway's own. */
final class Responses {
    private Responses() {}

    /** Sends an answer that no cache keeps; headers that were set before, such as those for CORS, stay. */
    static void send(HttpServletRequest request, HttpServletResponse response, ErrorResponse answer)
            throws IOException {
        // Tomcat answers a body that can't be read itself: with 500 unless it forgets why, otherwise with 400.
        request.removeAttribute(RequestDispatcher.ERROR_EXCEPTION);
        if (response.isCommitted()) {
            return;
        }
        response.resetBuffer();
        response.setStatus(answer.status());
        response.setHeader("Cache-Control", "no-store");
        answer.headers().forEach(response::setHeader);
        byte[] body = answer.bodyBytes();
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
