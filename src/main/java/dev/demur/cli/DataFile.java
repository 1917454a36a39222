package dev.demur.cli;

import dev.demur.calibration.BadRowException;
import dev.demur.calibration.JsonlPrompts;
import dev.demur.calibration.PromptSource;
import dev.demur.calibration.RowLabels;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

/**
 * A file of labelled prompts: CSV if its name ends in {@code .csv}, else JSONL.
 *
 * @param path the file
 * @param rows how many rows it has, good and bad ones
 * @param hash the SHA-256 of its bytes, as {@code sha256:…}
 */
record DataFile(Path path, long rows, String hash) {

    private static final int BUFFER = 1 << 16;

    /** Reads the file once, to count and to hash it. */
    static DataFile of(Path path, RowLabels labels) {
        try (DigestInputStream in = new DigestInputStream(Files.newInputStream(path), sha256());
                PromptSource prompts = prompts(path, in, labels)) {
            long rows = 0;
            while (skipRow(prompts)) {
                rows++;
            }
            in.transferTo(java.io.OutputStream.nullOutputStream());
            return new DataFile(
                    path,
                    rows,
                    "sha256:" + HexFormat.of().formatHex(in.getMessageDigest().digest()));
        } catch (IOException e) {
            throw unreadable(path, e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(path + ": " + e.getMessage(), e);
        }
    }

    private static boolean skipRow(PromptSource prompts) throws IOException {
        try {
            return prompts.next() != null;
        } catch (BadRowException e) {
            return true; // told when its turn comes
        }
    }

    /** Opens the file to read its prompts. */
    PromptSource open(RowLabels labels) throws IOException {
        return prompts(path, Files.newInputStream(path), labels);
    }

    private static PromptSource prompts(Path path, InputStream in, RowLabels labels) throws IOException {
        InputStream buffered = new BufferedInputStream(in, BUFFER);
        return path.toString().toLowerCase(Locale.ROOT).endsWith(".csv")
                ? new CsvPrompts(buffered, labels)
                : new JsonlPrompts(buffered, labels);
    }

    /** What a person is told of a file that cannot be read. */
    static IllegalArgumentException unreadable(Path path, IOException e) {
        return new IllegalArgumentException(
                e instanceof NoSuchFileException
                        ? path + ": there is no such file"
                        : path + ": the data cannot be read: " + e.getMessage(),
                e);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
