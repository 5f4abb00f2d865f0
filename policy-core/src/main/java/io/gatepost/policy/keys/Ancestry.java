package io.gatepost.policy.keys;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Whether nobody else can put another folder at a path: every folder on the way, also by way of links, belongs to a
 * user or to root, and lets others write only where they can't take away what is not theirs (the sticky bit).
 *
 * @param self the user
 */
record Ancestry(UserPrincipal self) {
    private static final int MAX_LINKS = 40;
    private static final int STICKY = 01000;
    private static final int WRITABLE_BY_OTHERS = 022;

    static boolean isTrusted(UserPrincipal owner, @Nullable UserPrincipal self) {
        return owner.equals(self)
                || owner.getName().equals("root")
                || owner.getName().equals("0");
    }

    void demandOwned(Path path) throws IOException {
        Deque<Path> rest = new ArrayDeque<>();
        Path at = push(path.toAbsolutePath(), rest);
        int links = 0;
        while (!rest.isEmpty()) {
            demandKept(at);
            Path name = rest.pop();
            Path next = name.toString().equals("..") ? at.resolve(name).normalize() : at.resolve(name);
            if (!Files.isSymbolicLink(next)) {
                at = next;
            } else if (links++ < MAX_LINKS) {
                demandOwner(next);
                at = push(at.resolve(Files.readSymbolicLink(next)), rest);
            } else {
                throw new IOException("it leads through too many links");
            }
        }
    }

    /** Where to go on from: the root. */
    private static Path push(Path absolute, Deque<Path> rest) {
        for (int i = absolute.getNameCount() - 1; i >= 0; i--) {
            rest.push(absolute.getName(i));
        }
        return absolute.getRoot();
    }

    private void demandKept(Path folder) throws IOException {
        demandOwner(folder);
        int mode = (Integer) Files.getAttribute(folder, "unix:mode", LinkOption.NOFOLLOW_LINKS);
        if ((mode & WRITABLE_BY_OTHERS) != 0 && (mode & STICKY) == 0) {
            throw new IOException("others than its owner may write `" + folder + "`, which leads to it");
        }
    }

    private void demandOwner(Path folder) throws IOException {
        if (!isTrusted(Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS), self)) {
            throw new IOException("`" + folder + "`, which leads to it, belongs to another user");
        }
    }
}
