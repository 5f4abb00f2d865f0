package io.gatepost.policy;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A key set in a file. Read whole each time, so that any way of replacing it is seen: also a swapped symbolic link. */
record KeyFile(Path path) implements KeyReader {
    @Override
    public Reading read(@Nullable String validator) throws IOException, InvalidKeySetException {
        byte[] text;
        try (InputStream file = Files.newInputStream(path)) {
            text = file.readNBytes(KeyClient.MAX_BODY + 1);
        } catch (IOException e) {
            throw new IOException("the file can't be read", e);
        }
        if (text.length > KeyClient.MAX_BODY) {
            throw new IOException("the file is longer than 1 MiB");
        }
        return new Reading(KeySet.parse(text), null);
    }
}
