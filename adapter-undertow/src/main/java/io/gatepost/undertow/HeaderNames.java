package io.gatepost.undertow;

import io.undertow.util.HttpString;
import org.jspecify.annotations.Nullable;

/** Undertow's form of header names: the well-known ones are looked up instead of made. */
final class HeaderNames {
    private HeaderNames() {}

    static HttpString of(String name) {
        @Nullable HttpString known = HttpString.tryFromString(name);
        // Only a name that is none has no form: the constructor says so.
        return known == null ? new HttpString(name) : known;
    }
}
