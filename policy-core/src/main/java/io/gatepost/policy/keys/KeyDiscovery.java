package io.gatepost.policy.keys;

import io.gatepost.policy.text.StrictJson;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The key set that an issuer's own metadata names (OpenID Connect Discovery 1.0 section 4).
 *
 * @param hosts where the metadata may send for it
 */
record KeyDiscovery(String issuer, URI metadata, KeyClient client, DiscoveryHosts hosts) implements KeyReader {
    static final String CURE =
            "; to allow it, list its host in `discoveryHosts` of KeySources, or by `--discovery-hosts`";

    static KeyDiscovery of(String issuer, KeyClient client, DiscoveryHosts hosts) {
        return new KeyDiscovery(issuer, metadata(issuer), client, hosts);
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
        KeyEndpoint endpoint = new KeyEndpoint(keys);
        // No ETag: it belongs to a URL, and this one may be new.
        return new Reading(
                KeySet.parse(clientFor(keys).get(endpoint, null, deadline).body()), null);
    }

    /** A public issuer's document does not lead into the networks around the gateway. */
    private KeyClient clientFor(URI keys) throws IOException {
        return switch (hosts.standing(keys, metadata)) {
            case TRUSTED -> client;
            case OTHER -> client.isInternal(metadata) ? client : client.outside();
            case REFUSED ->
                throw new IOException("the discovery document's `jwks_uri` is not followed to `" + keys.getScheme()
                        + "://" + keys.getHost() + "`: it is not the issuer's own host, and is a literal address, has"
                        + " no TLS or is not listed" + CURE);
        };
    }

    private URI keysOf(byte[] document) throws IOException {
        try {
            Map<String, @Nullable Object> members = StrictJson.DOCUMENT.object(KeySet.withoutMark(document));
            if (!issuer.equals(members.get("issuer"))) {
                throw new IOException("the discovery document is another issuer's (OpenID Connect Discovery 4.3)");
            }
            URI keys = URI.create(members.get("jwks_uri") instanceof String uri ? uri : "");
            if (keys.getHost() == null || keys.getScheme() == null || keys.getRawUserInfo() != null) {
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
