package io.gatepost.servlet;

import io.gatepost.policy.ErrorResponse;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** Answers of the gateway's own. */
final class Responses {
    private Responses() {}

    /** Sends an answer; headers that were set before, such as those for CORS, stay. */
    static void send(HttpServletResponse response, ErrorResponse answer) throws IOException {
        response.resetBuffer();
        response.setStatus(answer.status());
        answer.headers().forEach(response::setHeader);
        byte[] body = answer.bodyBytes();
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
        // Tomcat would answer a request whose body it could not read itself, unless it is answered already.
        response.flushBuffer();
    }
}
