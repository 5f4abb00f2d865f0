package io.gatepost.servlet;

import jakarta.servlet.http.Part;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A part of a body that was read before; held in memory, as that body is. */
final class BodyPart implements Part {
    private final String name;
    private final @Nullable String fileName;
    private final Map<String, List<String>> headers;
    private final byte[] content;
    private final Path directory;

    BodyPart(
            String name, @Nullable String fileName, Map<String, List<String>> headers, byte[] content, Path directory) {
        this.name = name;
        this.fileName = fileName;
        this.headers = headers;
        this.content = content;
        this.directory = directory;
    }

    @Override
    public InputStream getInputStream() {
        return new ByteArrayInputStream(content);
    }

    @Override
    public @Nullable String getContentType() {
        return getHeader("content-type");
    }

    @Override
    public String getName() {
        return name;
    }

    @Override
    public @Nullable String getSubmittedFileName() {
        return fileName;
    }

    @Override
    public long getSize() {
        return content.length;
    }

    @Override
    public void write(String file) throws IOException {
        Files.write(directory.resolve(file), content);
    }

    /** Nothing of it is in a file. */
    @Override
    public void delete() {}

    @Override
    public @Nullable String getHeader(String header) {
        return getHeaders(header).stream().findFirst().orElse(null);
    }

    @Override
    public Collection<String> getHeaders(String header) {
        return headers.getOrDefault(header.toLowerCase(Locale.ROOT), List.of());
    }

    @Override
    public Collection<String> getHeaderNames() {
        return headers.keySet();
    }
}
