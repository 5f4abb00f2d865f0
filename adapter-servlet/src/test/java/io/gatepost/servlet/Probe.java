package io.gatepost.servlet;

import static java.nio.charset.StandardCharsets.UTF_8;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import org.jspecify.annotations.Nullable;

/** What a servlet sees. */
interface Probe {
    @Nullable
    Object see(HttpServletRequest request, HttpServletResponse response) throws Exception;

    /** Answers with what it sees; null for nothing, as after a dispatch. */
    static HttpServlet servlet(Probe probe) {
        return new HttpServlet() {
            private static final long serialVersionUID = 1L;

            @Override
            protected void service(HttpServletRequest request, HttpServletResponse response) throws ServletException {
                try {
                    Object seen = probe.see(request, response);
                    if (seen != null) {
                        response.getOutputStream().write(seen.toString().getBytes(UTF_8));
                    }
                } catch (Exception e) {
                    throw new ServletException(e);
                }
            }
        };
    }
}
