package io.gatepost.policy;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The key set that an issuer's own metadata names (OpenID Connect Discovery 1.0 section 4). */
record KeyDiscovery(String issuer, URI metadata, KeyClient client) implements KeyReader {
    static KeyDiscovery of(String issuer, KeyClient client) {
        return new KeyDiscovery(issuer, metadata(issuer), client);
    }

    /**
     * Where an issuer's metadata is.
     *
     * @throws IllegalArgumentException where the issuer is not an http or https URL without query and fragment
     */
    static URI metadata(String issuer) {
        URI url = URI.create((issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer)
                + "/.well-known/openid-configuration");
        boolean plain = url.getRawQuery() == null && url.getRawFragment() == null && url.getHost() != null;
        if (!plain || !List.of("http", "https").contains(url.getScheme())) {
            throw new IllegalArgumentException("issuer: expected an http or https URL without query and fragment");
        }
        return url;
    }

    @Override
    public Reading read(@Nullable String validator) throws IOException, InvalidKeySetException {
        KeyClient.Deadline deadline = client.startClock();
        URI keys = keysOf(client.get(new KeyEndpoint(metadata), null, deadline).body());
        // No ETag: it belongs to a URL, and this one may be new.
        return new Reading(
                KeySet.parse(client.get(new KeyEndpoint(keys), null, deadline).body()), null);
    }

    private URI keysOf(byte[] document) throws IOException {
        try {
            Map<String, @Nullable Object> members = StrictJson.DOCUMENT.object(document);
            if (!issuer.equals(members.get("issuer"))) {
                throw new IOException("the discovery document is another issuer's (OpenID Connect Discovery 4.3)");
            }
            URI keys = URI.create(members.get("jwks_uri") instanceof String uri ? uri : "");
            boolean downgraded =
                    "https".equalsIgnoreCase(metadata.getScheme()) && !"https".equalsIgnoreCase(keys.getScheme());
            if (keys.getHost() == null || downgraded) {
                throw new IOException("the discovery document's `jwks_uri` is not a usable URL");
            }
            return keys;
        } catch (StrictJson.MalformedException e) {
            throw new IOException("the discovery document: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IOException("the discovery document's `jwks_uri` is not a usable URL", e);
        }
    }
}
