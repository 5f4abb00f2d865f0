package io.gatepost.policy.keys;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Collections;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A folder whose files nobody but this process's user, and root, can have written. Where the system has owners and
 * modes, both are looked at for the folder, for what leads to it and for each file; files are found from the opened
 * folder, so that no link and no change of a path leads elsewhere. Thread-safe.
 */
final class StateFolder {
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");
    private static final Set<PosixFilePermission> FOREIGN =
            Set.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);
    private static final Set<OpenOption> NEW = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);

    private final Path path;
    private final @Nullable UserPrincipal self;

    private StateFolder(Path path, @Nullable UserPrincipal self) {
        this.path = path;
        this.self = self;
    }

    /** The folder, made where it does not exist; an exception's message says what is wrong with which folder. */
    static StateFolder in(Path path) throws IOException {
        Files.createDirectories(path, mode("rwx------"));
        if (!Files.isDirectory(path) || !Files.isWritable(path)) {
            throw new IOException("it is no folder that can be written");
        }
        if (!POSIX) {
            return new StateFolder(path, null);
        }
        Path probe = Files.createTempFile(path, "probe-", ".tmp");
        try {
            UserPrincipal self = Files.getOwner(probe, LinkOption.NOFOLLOW_LINKS);
            new Ancestry(self).demandOwned(path);
            StateFolder folder = new StateFolder(path, self);
            folder.open().close();
            return folder;
        } finally {
            Files.deleteIfExists(probe);
        }
    }

    private static FileAttribute<?>[] mode(String permissions) {
        return POSIX
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions))
                }
                : new FileAttribute<?>[0];
    }

    /** The first octets of a file. */
    byte[] read(String name, int most) throws IOException {
        Set<OpenOption> options = Set.of(StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        try (DirectoryStream<Path> opened = open()) {
            if (opened instanceof SecureDirectoryStream<Path> folder) {
                Path file = Path.of(name);
                demandOwned(attributes(folder, file), true);
                return octets(folder.newByteChannel(file, options), most);
            }
            Path file = path.resolve(name);
            if (POSIX) {
                demandOwned(Files.readAttributes(file, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS), true);
            } else if (!Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isRegularFile()) {
                throw new IOException("it is no regular file");
            }
            return octets(Files.newByteChannel(file, options), most);
        }
    }

    private static byte[] octets(SeekableByteChannel channel, int most) throws IOException {
        try (InputStream in = Channels.newInputStream(channel)) {
            return in.readNBytes(most);
        }
    }

    /** Puts a file in the place of the one before, whole or not at all. */
    void replace(String name, byte[] octets) throws IOException {
        Path draft = Path.of("keys-" + UUID.randomUUID() + ".tmp");
        try (DirectoryStream<Path> opened = open()) {
            if (opened instanceof SecureDirectoryStream<Path> folder) {
                try {
                    write(folder.newByteChannel(draft, NEW, mode("rw-------")), octets);
                    folder.move(draft, folder, Path.of(name));
                } catch (IOException e) {
                    drop(folder, draft, e);
                    throw e;
                }
                return;
            }
        }
        try {
            write(Files.newByteChannel(path.resolve(draft), NEW, mode("rw-------")), octets);
            Files.move(
                    path.resolve(draft),
                    path.resolve(name),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(path.resolve(draft));
        }
    }

    private static void drop(SecureDirectoryStream<Path> folder, Path draft, IOException why) {
        try {
            folder.deleteFile(draft);
        } catch (IOException e) {
            why.addSuppressed(e);
        }
    }

    private static void write(SeekableByteChannel draft, byte[] text) throws IOException {
        try (draft) {
            ByteBuffer octets = ByteBuffer.wrap(text);
            while (octets.hasRemaining()) {
                draft.write(octets);
            }
            if (draft instanceof FileChannel file) {
                file.force(true);
            }
        }
    }

    /** Another folder may have come to its place since it was last looked at. */
    @SuppressWarnings("StreamResourceLeak") // The caller closes it.
    private DirectoryStream<Path> open() throws IOException {
        DirectoryStream<Path> opened = Files.newDirectoryStream(path);
        try {
            if (opened instanceof SecureDirectoryStream<Path> folder) {
                demandOwned(
                        folder.getFileAttributeView(PosixFileAttributeView.class)
                                .readAttributes(),
                        false);
            } else if (POSIX) {
                demandOwned(Files.readAttributes(path, PosixFileAttributes.class), false);
            }
            return opened;
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    private static PosixFileAttributes attributes(SecureDirectoryStream<Path> folder, Path file) throws IOException {
        return folder.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                .readAttributes();
    }

    private void demandOwned(PosixFileAttributes attributes, boolean file) throws IOException {
        if (file && !attributes.isRegularFile()) {
            throw new IOException("it is no regular file");
        }
        if (!Ancestry.isTrusted(attributes.owner(), self)) {
            throw new IOException("it belongs to another user");
        }
        if (!Collections.disjoint(attributes.permissions(), FOREIGN)) {
            throw new IOException("others than its owner may write it");
        }
    }
}
