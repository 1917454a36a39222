package dev.demur.cli.serve;

import dev.demur.DemurException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The secret that clients send as {@code Authorization: Bearer …}; only its hash is kept. Immutable. */
public final class AccessToken {

    private static final int SHORTEST = 16;
    private static final int LONGEST = 4096;
    private static final String BEARER = "bearer ";
    private static final Set<PosixFilePermission> OTHERS = EnumSet.of(
            PosixFilePermission.OTHERS_READ, PosixFilePermission.OTHERS_WRITE, PosixFilePermission.GROUP_WRITE);

    private final byte[] hash;
    private final @Nullable String warning;

    private AccessToken(byte[] hash, @Nullable String warning) {
        this.hash = hash;
        this.warning = warning;
    }

    /** The token of that text. */
    static AccessToken of(String text) {
        return new AccessToken(sha256(text), null);
    }

    /**
     * Reads the first line of a file, which only its owner, and perhaps a group, may read.
     *
     * @throws DemurException if it cannot be read, other users can, or it holds no token of at least 16 characters
     */
    public static AccessToken read(Path file) {
        byte[] bytes;
        String warning;
        try (InputStream in = Files.newInputStream(file)) {
            warning = requirePrivate(file);
            bytes = in.readNBytes(LONGEST + 1);
        } catch (NoSuchFileException e) {
            throw new DemurException(
                    file + ": there is no such token file; make one with: (umask 077;" + " openssl rand -hex 32 >"
                            + file + ")",
                    e);
        } catch (IOException e) {
            throw new DemurException(file + ": the token file cannot be read: " + e.getMessage(), e);
        }
        String text = new String(bytes, StandardCharsets.UTF_8);
        String token = text.lines().findFirst().orElse("").strip();
        if (bytes.length > LONGEST || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new DemurException(file + ": the token file must hold one line of at most " + LONGEST
                    + " ASCII characters without spaces");
        }
        if (token.length() < SHORTEST) {
            throw new DemurException(file + ": the token has " + token.length() + " characters, and must have "
                    + SHORTEST + " at least, so that nobody guesses it: openssl rand -hex 32 makes a good one");
        }
        return new AccessToken(sha256(token), warning);
    }

    /** Returns a warning, null for none; on a system without such permissions nothing can be told. */
    private static @Nullable String requirePrivate(Path file) throws IOException {
        Set<PosixFilePermission> permissions;
        try {
            permissions = Files.getPosixFilePermissions(file);
        } catch (UnsupportedOperationException e) {
            return file + ": this system does not tell who may read the token file: see that nobody else can";
        }
        for (PosixFilePermission permission : permissions) {
            if (OTHERS.contains(permission)) {
                throw new DemurException(file + ": other users may read or change the token file: chmod 600 " + file);
            }
        }
        return permissions.contains(PosixFilePermission.GROUP_READ)
                ? file + ": the users of its group may read the token file too: chmod 600 " + file
                : null;
    }

    /** What the person who runs the server should know of the file; null for nothing. */
    public @Nullable String warning() {
        return warning;
    }

    /** Whether the value of an {@code Authorization} header has the token; takes as long for any other one. */
    boolean isIn(@Nullable String authorization) {
        if (authorization == null || !authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return false;
        }
        return MessageDigest.isEqual(
                hash, sha256(authorization.substring(BEARER.length()).strip()));
    }

    private static byte[] sha256(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
