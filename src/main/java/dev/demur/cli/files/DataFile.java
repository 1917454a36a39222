package dev.demur.cli.files;

import dev.demur.DemurException;
import dev.demur.cli.terminal.Nearest;
import dev.demur.cli.terminal.Text;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.JsonlPrompts;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import dev.demur.policy.Labels;
import dev.demur.scoring.DataCheck;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A file of labelled prompts: CSV if its name ends in {@code .csv}, else JSONL. What comes by a pipe is kept in a temporary
 * file that only this user can read, because it is read twice; there a first character other than <code>{</code> means CSV.
 *
 * <p>Closing it deletes the temporary file.
 */
public final class DataFile implements AutoCloseable {

    private static final int BUFFER = 1 << 16;
    private static final String CSV = ".csv";

    private final Path path; // what messages name
    private final Path bytes;
    private final boolean csv;

    private DataFile(Path path, Path bytes, boolean csv) {
        this.path = path;
        this.bytes = bytes;
        this.csv = csv;
    }

    /**
     * What was found in a first pass.
     *
     * @param rows how many rows it has, good and bad ones
     * @param hash the SHA-256 of its bytes, as {@code sha256:…}
     */
    public record Contents(long rows, String hash) {}

    /**
     * Takes the file, and all that comes through a pipe.
     *
     * @throws DemurException if it is not there, or is a folder or a device
     */
    public static DataFile take(Path path) {
        boolean named = isCsv(path);
        return switch (FileKind.of(path)) {
            case FILE -> new DataFile(path, path, named);
            case PIPE -> copied(path, named);
            case MISSING -> throw new DemurException(path + ": there is no such file");
            case FOLDER -> throw new DemurException(path + ": is a folder: name a file in it");
            case DEVICE ->
                throw new DemurException(
                        path + ": is a terminal or another device: give the data in a file or through a pipe");
        };
    }

    /** Whether its name says that it is CSV. */
    public static boolean isCsv(Path path) {
        return path.toString().toLowerCase(Locale.ROOT).endsWith(CSV);
    }

    private static DataFile copied(Path path, boolean named) {
        try {
            Path copy = Files.createTempFile("demur-data-", null); // for this user alone
            copy.toFile().deleteOnExit();
            DataFile file = new DataFile(path, copy, named);
            try (InputStream in = Files.newInputStream(path)) {
                Files.copy(in, copy, StandardCopyOption.REPLACE_EXISTING);
                return named ? file : new DataFile(path, copy, looksLikeCsv(copy));
            } catch (IOException e) {
                file.close();
                throw e;
            }
        } catch (IOException e) {
            throw unreadable(path, e);
        }
    }

    /** JSONL begins with an object. */
    private static boolean looksLikeCsv(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            int first = in.read();
            while (first >= 0 && first <= ' ' || first == 0xef || first == 0xbb || first == 0xbf) {
                first = in.read();
            }
            return first >= 0 && first != '{' && Character.isLetter(first);
        }
    }

    public Path path() {
        return path;
    }

    /**
     * Reads the file once, to count, to hash and to check it.
     *
     * @throws DemurException if no row can be used, or what is wrong was not allowed
     */
    public Contents check(RowLabels rowLabels, Labels labels, Allowed allowed) {
        DataCheck check = new DataCheck(labels);
        String hash;
        try (DigestInputStream in = new DigestInputStream(Files.newInputStream(bytes), sha256());
                PromptSource prompts = prompts(in, rowLabels)) {
            while (addRow(prompts, check)) {
                continue; // until the end
            }
            in.transferTo(OutputStream.nullOutputStream());
            hash = "sha256:" + HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (IOException e) {
            throw unreadable(path, e);
        } catch (DemurException e) {
            throw new DemurException(path + ": " + e.getMessage(), e);
        }
        allowed.require(check, labels, path);
        return new Contents(check.rows(), hash);
    }

    private static boolean addRow(PromptSource prompts, DataCheck check) throws IOException {
        try {
            LabelledPrompt prompt = prompts.next();
            if (prompt != null) {
                check.add(prompt);
            }
            return prompt != null;
        } catch (BadRowException e) {
            check.add(e); // told when its turn comes
            return true;
        }
    }

    /** Opens the file to read its prompts. */
    public PromptSource open(RowLabels labels) throws IOException {
        return prompts(Files.newInputStream(bytes), labels);
    }

    private PromptSource prompts(InputStream in, RowLabels labels) throws IOException {
        return prompts(new BufferedInputStream(in, BUFFER), csv, labels);
    }

    /** Reads prompts from buffered bytes. */
    public static PromptSource prompts(InputStream buffered, boolean csv, RowLabels labels) throws IOException {
        return csv ? new CsvPrompts(buffered, labels) : new JsonlPrompts(buffered, labels);
    }

    @Override
    public void close() {
        if (!bytes.equals(path)) {
            try {
                Files.deleteIfExists(bytes);
            } catch (IOException e) {
                throw new DemurException(bytes + ": cannot be deleted: " + e, e);
            }
        }
    }

    /**
     * What is wrong with data as a whole and yet allowed.
     *
     * @param categories which categories rows may have
     * @param repeatedIds whether rows may have the id of an earlier one, and are then left out
     */
    public record Allowed(Categories categories, boolean repeatedIds) {

        /** Which categories rows may have. */
        public enum Categories {
            /** Those of the model. */
            KNOWN("takes such rows as they are"),
            /** Others too, unless they look like a known one that was mistyped. */
            NEW("takes it as another category"),
            ANY("");

            private final String anyDoes;

            Categories(String anyDoes) {
                this.anyDoes = anyDoes;
            }
        }

        public static final String ANY_CATEGORY = "--any-category";
        public static final String SKIP_DUPLICATES = "--skip-duplicates";

        private static final int MOST_NAMES = 3;

        private void require(DataCheck check, Labels labels, Path path) {
            if (check.rows() == 0) {
                throw new DemurException(path + ": has no rows: demur score --help shows what a data file looks like");
            }
            BadRowException bad = check.nothingButBad();
            if (bad != null) {
                String others = check.rows() == 1 ? "" : ", and no other of its " + check.rows() + " rows can be used";
                throw new DemurException(path + ":" + bad.line() + ": " + bad.getMessage() + others
                        + ": demur score --help shows what a data file looks like");
            }
            LabelledPrompt repeated = check.firstRepeated();
            if (repeated != null && !repeatedIds) {
                long more = check.repeatedIds() - 1;
                throw new DemurException(path + ":" + repeated.line() + ": id '"
                        + Text.oneLine(repeated.id()) + "' is there already"
                        + (more == 0 ? "" : ", and " + more + " more rows repeat an id")
                        + ": ids must differ; " + SKIP_DUPLICATES + " leaves out all rows but the first of an id");
            }
            List<DataCheck.Unknown> unknown = categories == Categories.ANY
                    ? List.of()
                    : check.unknownCategories().stream()
                            .filter(name -> categories == Categories.KNOWN || nearest(name, labels) != null)
                            .toList();
            if (!unknown.isEmpty()) {
                String names = unknown.stream()
                        .limit(MOST_NAMES)
                        .map(name -> words(name, labels))
                        .collect(Collectors.joining("; "));
                int more = unknown.size() - MOST_NAMES;
                throw new DemurException(path + ":" + unknown.get(0).line() + ": category " + names
                        + (more <= 0 ? "" : "; and " + more + " more")
                        + (names.endsWith("?") && more <= 0 ? " The" : ": the") + " categories are "
                        + labels.categoryIds() + ", and none; " + ANY_CATEGORY + " "
                        + categories.anyDoes);
            }
        }

        private String words(DataCheck.Unknown unknown, Labels labels) {
            String nearest = nearest(unknown, labels);
            return "'" + Text.oneLine(unknown.name()) + "' (" + unknown.rows()
                    + (unknown.rows() == 1 ? " row" : " rows") + ") is "
                    + (categories == Categories.KNOWN ? "no category of this model" : "no category that Demur knows")
                    + (nearest == null ? "" : ", is " + nearest + " meant?");
        }

        private static @Nullable String nearest(DataCheck.Unknown unknown, Labels labels) {
            List<String> ids = new ArrayList<>();
            labels.categories().forEach(category -> ids.add(category.id()));
            ids.add("none");
            return Nearest.to(unknown.name(), ids);
        }
    }

    /** What a person is told of a file that cannot be read. */
    public static DemurException unreadable(Path path, IOException e) {
        return new DemurException(
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
