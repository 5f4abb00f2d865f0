package io.gatepost.policy;

import java.io.IOException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A key set behind a URL. The endpoint is asked for each time, as its TLS settings may have changed. */
record KeyServer(Supplier<@Nullable KeyEndpoint> endpoint, KeyClient client) implements KeyReader {
    @Override
    public Reading read(@Nullable String validator) throws IOException, InvalidKeySetException {
        KeyEndpoint at = endpoint.get();
        if (at == null) {
            throw new IOException("there is no such backend");
        }
        KeyClient.Response response = client.get(at, validator, client.startClock());
        return response.status() == 304
                ? new Reading(null, validator)
                : new Reading(KeySet.parse(response.body()), response.etag());
    }
}
