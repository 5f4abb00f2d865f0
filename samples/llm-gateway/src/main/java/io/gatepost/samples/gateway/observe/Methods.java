package io.gatepost.samples.gateway.observe;

import io.undertow.util.HttpString;
import java.util.List;

/** Request methods as labels: a client can make up any, so all but the known ones are one. */
final class Methods {
    /** The name of all that no standard knows. */
    static final String OTHER = "_OTHER";

    private static final List<String> NAMES =
            List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", OTHER);

    static final int COUNT = NAMES.size();

    private Methods() {}

    static int indexOf(HttpString method) {
        return indexOf(method.toString());
    }

    static int indexOf(String method) {
        int index = NAMES.indexOf(method);
        return index < 0 ? COUNT - 1 : index;
    }

    static String name(int index) {
        return NAMES.get(index);
    }
}
