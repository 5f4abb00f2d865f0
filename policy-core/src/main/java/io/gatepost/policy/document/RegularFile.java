package io.gatepost.policy.document;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads files that others put there. Only regular files are opened, links followed: opening a pipe or a device may
 * never end. Never more is read than was asked for.
 */
public final class RegularFile {
    private static final String UNREADABLE = "the file can't be read";

    private RegularFile() {}

    /**
     * Reads a file whole.
     *
     * @param file the file
     * @param maxBytes the longest that it may be
     * @return its octets
     * @throws IOException where it is no regular file, is longer, or can't be read; its message says which and is fit
     *     for logs
     */
    public static byte[] read(Path file, int maxBytes) throws IOException {
        byte[] read = beginning(file, maxBytes + 1);
        if (read.length > maxBytes) {
            throw new IOException("the file is longer than " + (maxBytes >> 20) + " MiB");
        }
        return read;
    }

    /**
     * Reads where a file begins.
     *
     * @param file the file
     * @param bytes how much of it
     * @return its first octets, fewer where it is shorter
     * @throws IOException as {@link #read} does, but for the length
     */
    public static byte[] beginning(Path file, int bytes) throws IOException {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            if (!attributes.isRegularFile()) {
                throw new IOException(UNREADABLE + ": it is "
                        + (attributes.isDirectory() ? "a folder" : "a pipe, a socket or a device")
                        + "; expected a regular file");
            }
            try (InputStream in = Files.newInputStream(file)) {
                return in.readNBytes(bytes);
            }
        } catch (FileSystemException problem) {
            throw new IOException(UNREADABLE + why(file, problem), problem);
        }
    }

    private static String why(Path file, FileSystemException problem) {
        if (problem instanceof NoSuchFileException) {
            return Files.isSymbolicLink(file) ? ": it is a link to a file that does not exist" : "";
        }
        if (problem instanceof AccessDeniedException) {
            return ": permission is denied";
        }
        String reason = reason(problem);
        return reason.contains("symbolic link")
                ? ": its links lead in a circle"
                : reason.isEmpty() ? "" : ": " + reason;
    }

    /** The system's words, such as too many open files. */
    private static String reason(FileSystemException problem) {
        @Nullable String reason = problem.getReason();
        return reason == null ? "" : reason.toLowerCase(Locale.ROOT);
    }
}
