package io.gatepost.policy.forward.jdk;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.util.Objects;

/**
 * A request's body as a server gives it.
 *
 * @param stream the body as it came; read once, and closed at its end
 * @param length what {@code Content-Length} says, in bytes; negative where nothing does, as of a body in chunks
 */
public record ClientBody(InputStream stream, long length) {
    public ClientBody {
        Objects.requireNonNull(stream, "stream");
    }

    /**
     * A body that was read before.
     *
     * @param bytes the body as it came
     * @return the body; sees later changes of the array
     */
    public static ClientBody of(byte[] bytes) {
        return new ClientBody(new ByteArrayInputStream(bytes), bytes.length);
    }
}
