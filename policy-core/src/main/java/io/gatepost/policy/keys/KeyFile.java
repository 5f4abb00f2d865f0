package io.gatepost.policy.keys;

import io.gatepost.policy.document.RegularFile;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A key set in a file. Read whole each time, so that any way of replacing it is seen: also a swapped symbolic link. */
record KeyFile(Path path) implements KeyReader {
    @Override
    public Reading read(@Nullable String validator) throws IOException, InvalidKeySetException {
        return new Reading(KeySet.parse(RegularFile.read(path, KeyClient.MAX_BODY)), null);
    }
}
