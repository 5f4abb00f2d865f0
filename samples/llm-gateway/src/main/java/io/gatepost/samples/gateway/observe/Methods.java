package io.gatepost.samples.gateway.observe;

import io.undertow.util.HttpString;
import java.util.List;

/** Request methods as labels: a client can make up any, so all but the known ones are one. */
final class Methods {
    private static final List<String> NAMES =
            List.of("GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE", "CONNECT", "_OTHER");

    static final int COUNT = NAMES.size();

    /** OpenTelemetry's buckets for HTTP, and some for answers of models, which take longer. */
    static final List<Double> SECONDS =
            List.of(0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0, 30.0, 60.0, 120.0);

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
