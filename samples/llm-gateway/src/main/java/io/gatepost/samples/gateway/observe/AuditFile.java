package io.gatepost.samples.gateway.observe;

import java.io.Closeable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where records go: a file, made again where it was moved away, so that whoever rotates it has nobody to tell; or the
 * standard output. Not thread-safe.
 */
abstract class AuditFile implements Closeable {
    abstract void append(String lines) throws IOException;

    /**
     * Opens a file to append to.
     *
     * @param path the file; {@code -} for the standard output
     * @throws UncheckedIOException where it can't be written; its message is for the user
     */
    static AuditFile open(Path path) {
        if (path.toString().equals("-")) {
            return new Standard(System.out);
        }
        try {
            return new Rotated(path);
        } catch (IOException e) {
            String what = Files.isSymbolicLink(path)
                    ? "it is a link; name the file itself, or `-` for the standard output"
                    : "its folder must exist, and this user must be allowed to write it";
            throw new UncheckedIOException(new IOException("the audit log `" + path + "` can't be written: " + what));
        }
    }

    private static final class Standard extends AuditFile {
        private final OutputStream out;

        Standard(OutputStream out) {
            this.out = out;
        }

        @Override
        void append(String lines) throws IOException {
            out.write(lines.getBytes(StandardCharsets.US_ASCII));
            out.flush();
        }

        /** The stream is not ours. */
        @Override
        public void close() {}
    }

    private static final class Rotated extends AuditFile {
        private final Path path;
        private FileChannel channel;
        private @Nullable Object key;

        Rotated(Path path) throws IOException {
            this.path = path;
            channel = open();
            key = key();
        }

        @Override
        void append(String lines) throws IOException {
            // A thread that is interrupted while it writes closes the channel.
            if (!channel.isOpen() || !Objects.equals(key, key())) {
                FileChannel next = open();
                channel.close();
                channel = next;
                key = key();
            }
            ByteBuffer bytes = ByteBuffer.wrap(lines.getBytes(StandardCharsets.US_ASCII));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }

        /**
         * Subjects are personal data: not for others to read. A link might lead to another's file, which records would
         * damage: none is followed, nor does one that comes in the file's place later.
         */
        private FileChannel open() throws IOException {
            boolean posix = path.getFileSystem().supportedFileAttributeViews().contains("posix");
            FileAttribute<?>[] mode = posix
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                    }
                    : new FileAttribute<?>[0];
            return FileChannel.open(
                    path,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.APPEND, LinkOption.NOFOLLOW_LINKS),
                    mode);
        }

        /** Tells one file from another in its place; null where there is none. */
        private @Nullable Object key() throws IOException {
            try {
                return Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                        .fileKey();
            } catch (NoSuchFileException moved) {
                return null;
            }
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
