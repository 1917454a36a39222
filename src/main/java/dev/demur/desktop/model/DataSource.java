package dev.demur.desktop.model;

import dev.demur.DemurException;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.JsonlPrompts;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import dev.demur.fit.StarterPrompts;
import dev.demur.policy.Labels;
import dev.demur.scoring.DataCheck;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Labelled prompts: a file of a person's, or the starter prompts that come with Demur.
 *
 * @param file null: the starter prompts
 * @param formats opens such a file
 */
record DataSource(@Nullable Path file, PromptFiles formats) {

    private static final String STARTER = "starter.jsonl";

    /**
     * What was found in a first pass.
     *
     * @param rows how many there are, good and bad
     * @param fitted on how many of them the head was fitted that decides
     * @param hash what tells these data from others
     */
    record Contents(long rows, long fitted, String hash) {}

    InputStream bytes() throws IOException {
        if (file != null) {
            return Files.newInputStream(file);
        }
        InputStream starter = StarterPrompts.class.getResourceAsStream(STARTER);
        if (starter == null) {
            throw new IOException("the starter prompts are missing in this jar");
        }
        return starter;
    }

    PromptSource open(RowLabels labels) throws IOException {
        return open(bytes(), labels);
    }

    /** Closes the bytes where they cannot be opened. */
    private PromptSource open(InputStream bytes, RowLabels labels) throws IOException {
        InputStream buffered = new BufferedInputStream(bytes);
        try {
            return file == null ? new JsonlPrompts(buffered, labels) : formats.open(file, buffered, labels);
        } catch (IOException | RuntimeException e) {
            buffered.close();
            throw e;
        }
    }

    /**
     * Reads all once.
     *
     * @param fitted whether the head that decides was fitted on a prompt
     * @throws DemurException if no row can be used
     */
    Contents check(RowLabels rowLabels, Labels labels, Predicate<String> fitted, Texts texts) throws IOException {
        DataCheck check = new DataCheck(labels);
        long known = 0;
        try (DigestInputStream in = new DigestInputStream(bytes(), sha256());
                PromptSource prompts = open(in, rowLabels)) {
            boolean more = true;
            while (more) {
                try {
                    LabelledPrompt prompt = prompts.next();
                    more = prompt != null;
                    if (prompt != null) {
                        check.add(prompt);
                        known += fitted.test(prompt.text()) ? 1 : 0;
                    }
                } catch (BadRowException e) {
                    check.add(e);
                }
            }
            in.transferTo(OutputStream.nullOutputStream());
            BadRowException bad = check.nothingButBad();
            if (bad != null || check.rows() == 0) {
                throw new DemurException(
                        bad == null
                                ? texts.get("data.empty", name(texts))
                                : texts.get("data.bad", name(texts), bad.line(), String.valueOf(bad.getMessage())));
            }
            return new Contents(
                    check.rows(),
                    known,
                    "sha256:" + HexFormat.of().formatHex(in.getMessageDigest().digest()));
        }
    }

    String name(Texts texts) {
        return file == null ? texts.get("data.starter") : file.getFileName().toString();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
