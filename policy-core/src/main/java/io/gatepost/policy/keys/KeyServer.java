package io.gatepost.policy.keys;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A key set behind a URL. The endpoint is asked for each time, as its address and TLS settings may have changed. */
final class KeyServer implements KeyReader {
    private final Supplier<@Nullable KeyEndpoint> endpoint;
    private final KeyClient client;
    private volatile @Nullable KeyEndpoint last;

    KeyServer(Supplier<@Nullable KeyEndpoint> endpoint, KeyClient client) {
        this.endpoint = endpoint;
        this.client = client;
    }

    @Override
    public boolean hasMoved() {
        try {
            return !Objects.equals(endpoint.get(), last);
        } catch (UncheckedIOException e) {
            return last != null;
        }
    }

    @Override
    public Reading read(@Nullable String validator) throws IOException, InvalidKeySetException {
        KeyEndpoint at = find();
        // An ETag belongs to a URL at its server; another server's may be the same by chance.
        String known = at.equals(last) ? validator : null;
        last = at;
        KeyClient.Response response = client.get(at, known, client.startClock());
        return response.status() == 304
                ? new Reading(null, known)
                : new Reading(KeySet.parse(response.body()), response.etag());
    }

    private KeyEndpoint find() throws IOException {
        KeyEndpoint found = null;
        try {
            found = endpoint.get();
            if (found == null) {
                throw new IOException("there is no such backend");
            }
            return found;
        } catch (UncheckedIOException e) {
            throw new IOException(e.getMessage(), e);
        } finally {
            if (found == null) {
                last = null;
            }
        }
    }
}
