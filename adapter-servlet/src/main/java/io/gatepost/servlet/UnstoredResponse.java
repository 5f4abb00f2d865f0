package io.gatepost.servlet;

import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.HttpServletResponseWrapper;

/** The answer to a request whose URL holds a credential: no cache keeps it, whatever is said behind the filter. */
final class UnstoredResponse extends HttpServletResponseWrapper {
    private static final String CACHE_CONTROL = "Cache-Control";

    UnstoredResponse(HttpServletResponse response) {
        super(response);
        forbid();
    }

    private void forbid() {
        super.setHeader(CACHE_CONTROL, "no-store");
    }

    @Override
    public void setHeader(String name, String value) {
        if (!CACHE_CONTROL.equalsIgnoreCase(name)) {
            super.setHeader(name, value);
        }
    }

    @Override
    public void addHeader(String name, String value) {
        if (!CACHE_CONTROL.equalsIgnoreCase(name)) {
            super.addHeader(name, value);
        }
    }

    @Override
    public void reset() {
        super.reset();
        forbid();
    }
}
