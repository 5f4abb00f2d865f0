package io.gatepost.policy.keys;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.gatepost.policy.text.StrictJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.lang.JoseException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last good keys of each key server in a folder, so that a restart while the server is down serves at once. A file
 * is a JWK set of public keys that also says where and when they were read. Who can write here can make tokens: nobody
 * but the owner may. Thread-safe.
 */
final class KeptKeys implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KeptKeys.class);
    private final Path path;
    private final StateFolder folder;
    private boolean closed;

    private KeptKeys(Path path, StateFolder folder) {
        this.path = path;
        this.folder = folder;
    }

    /** Keys with the time when they were read. */
    record Kept(KeySet keys, Instant readAt) {}

    /**
     * Keys in a folder, which is made where it does not exist.
     *
     * @throws UncheckedIOException where it can't be used
     */
    static KeptKeys in(Path path) {
        try {
            return new KeptKeys(path, StateFolder.in(path));
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the state directory `" + path + "` must be a folder that its owner, the user who runs this, and"
                            + " nobody else, may write or replace: " + reason(e),
                    e);
        }
    }

    private static String reason(IOException e) {
        return e instanceof FileSystemException ? e.getClass().getSimpleName() : String.valueOf(e.getMessage());
    }

    /** What was kept of a source; null where there is nothing that can be used. */
    @Nullable
    Kept restore(String source, Instant now) {
        String file = file(source);
        try {
            byte[] text = folder.read(file, 2 * KeyClient.MAX_BODY);
            Map<String, @Nullable Object> document = StrictJson.DOCUMENT.object(text);
            if (!source.equals(document.get("source"))) {
                throw new IOException("it is of another source");
            }
            Instant readAt = Instant.parse(String.valueOf(document.get("readAt")));
            return new Kept(KeySet.parse(text), readAt.isAfter(now) ? now : readAt);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException
                | StrictJson.MalformedException
                | InvalidKeySetException
                | DateTimeException
                | UnsupportedOperationException e) {
            LOG.warn("kept keys of {} are passed over: {}: {}", source, path.resolve(file), e.getMessage());
            return null;
        }
    }

    /** Keeps keys, instead of what was kept before; a failure is for the log only. */
    synchronized void save(String source, KeySet keys, Instant readAt) {
        if (closed) {
            return;
        }
        try {
            folder.replace(file(source), document(source, keys, readAt).getBytes(UTF_8));
        } catch (IOException | JoseException e) {
            LOG.warn("keys of {} can't be kept: {}", source, e.toString());
        }
    }

    /** The end of a write under way; nothing is written in the folder from then on. */
    @Override
    public synchronized void close() {
        closed = true;
    }

    private static String document(String source, KeySet keys, Instant readAt) throws JoseException {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("source", source);
        document.put("readAt", readAt.toString());
        List<Object> jwks = new ArrayList<>();
        for (VerificationKey key : keys.keys()) {
            jwks.add(jwk(key));
        }
        document.put("keys", jwks);
        return JsonUtil.toJson(document);
    }

    private static Map<String, Object> jwk(VerificationKey key) throws JoseException {
        JsonWebKey jwk = PublicJsonWebKey.Factory.newPublicJwk(key.key());
        if (key.id() != null) {
            jwk.setKeyId(key.id());
        }
        if (key.algorithms().size() == 1) {
            jwk.setAlgorithm(key.algorithms().iterator().next().header());
        }
        return jwk.toParams(OutputControlLevel.PUBLIC_ONLY);
    }

    /** Sources are URLs and names of any length and characters. */
    private static String file(String source) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(source.getBytes(UTF_8));
            return HexFormat.of().formatHex(hash) + ".json";
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
