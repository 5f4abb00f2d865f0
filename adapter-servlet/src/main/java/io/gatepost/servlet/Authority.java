package io.gatepost.servlet;

/** The parts of a host as it stands in a request (RFC 9110 section 7.2). */
final class Authority {
    private Authority() {}

    /** Without the port. */
    static String name(String authority) {
        int colon = colon(authority);
        return colon < 0 ? authority : authority.substring(0, colon);
    }

    /** The port, or the scheme's own. */
    static int port(String authority, boolean secure) {
        int colon = colon(authority);
        int standard = secure ? 443 : 80;
        try {
            return colon < 0 ? standard : Integer.parseInt(authority.substring(colon + 1));
        } catch (NumberFormatException e) {
            return standard;
        }
    }

    private static int colon(String authority) {
        int colon = authority.lastIndexOf(':');
        return colon > authority.lastIndexOf(']') ? colon : -1;
    }
}
