package io.gatepost.policy;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final Set<PosixFilePermission> FOREIGN =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

    private final Path folder;
    private boolean closed;

    private KeptKeys(Path folder) {
        this.folder = folder;
    }

    /** Keys with the time when they were read. */
    record Kept(KeySet keys, Instant readAt) {}

    /**
     * Keys in a folder, which is made where it does not exist.
     *
     * @throws UncheckedIOException where it can't be used
     */
    static KeptKeys in(Path folder) {
        try {
            FileAttribute<?>[] owners = POSIX
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))
                    }
                    : new FileAttribute<?>[0];
            Files.createDirectories(folder, owners);
            demandOwned(folder);
            if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
                throw new IOException("it is no folder that can be written");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "the state directory `" + folder + "` must be a folder that its owner, and nobody else, may write",
                    e);
        }
        return new KeptKeys(folder);
    }

    /** What was kept of a source; null where there is nothing that can be used. */
    @Nullable
    Kept restore(String source, Instant now) {
        Path file = file(source);
        try {
            byte[] text = read(file);
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
            LOG.warn("kept keys of {} are passed over: {}: {}", source, file, e.getMessage());
            return null;
        }
    }

    private static byte[] read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            demandOwned(file);
            return in.readNBytes(2 * KeyClient.MAX_BODY);
        }
    }

    private static void demandOwned(Path file) throws IOException {
        if (POSIX && !Collections.disjoint(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS), FOREIGN)) {
            throw new IOException("others than its owner may write it");
        }
    }

    /** Keeps keys, instead of what was kept before; a failure is for the log only. */
    synchronized void save(String source, KeySet keys, Instant readAt) {
        if (closed) {
            return;
        }
        Path file = file(source);
        try {
            Path draft = Files.createTempFile(folder, "keys-", ".tmp");
            try {
                write(draft, document(source, keys, readAt));
                Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(draft);
            }
        } catch (IOException | JoseException e) {
            LOG.warn("keys of {} can't be kept: {}", source, e.toString());
        }
    }

    /** The end of a write under way; nothing is written in the folder from then on. */
    @Override
    public synchronized void close() {
        closed = true;
    }

    private static void write(Path draft, String text) throws IOException {
        try (FileChannel out = FileChannel.open(draft, StandardOpenOption.WRITE)) {
            ByteBuffer octets = ByteBuffer.wrap(text.getBytes(UTF_8));
            while (octets.hasRemaining()) {
                out.write(octets);
            }
            out.force(true);
        }
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
    private Path file(String source) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(source.getBytes(UTF_8));
            return folder.resolve(HexFormat.of().formatHex(hash) + ".json");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
