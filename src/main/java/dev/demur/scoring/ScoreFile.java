package dev.demur.scoring;

import dev.demur.arguments.Given;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.BoundedLines;
import dev.demur.dataset.PromptHash;
import dev.demur.json.ForeignText;
import dev.demur.json.JsonFields;
import dev.demur.json.JsonMembers;
import dev.demur.json.JsonText;
import dev.demur.policy.Category;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Scored prompts as JSONL, one {@code {"id", "category", "expected", "probabilities", "coverage", "choice"}} a line.
 *
 * <p>{@code category} is an id or {@code none}, {@code expected} is {@code refuse} or {@code respond}, {@code
 * probabilities} has one number for every category's id and one for {@code respond}, {@code coverage} is their sum, but where the
 * readout normalises them, {@code choice} the label that the model by itself would choose, or null, {@code promptHash} the {@link
 * PromptHash}, {@code fitted} true where the head that scored the prompt was fitted on it. Lines of an older release have in its place {@code
 * argmax}, the id of the likeliest token, which meta data of version 1 make a label of. The {@link ScoreMeta} lie in a file of their own.
 */
public final class ScoreFile {

    private static final String CHOICE = "choice";

    /** What an older release wrote in place of the choice. */
    private static final String ARGMAX = "argmax";

    private static final String PROMPT_HASH = "promptHash";
    private static final String FITTED = "fitted";

    private static final List<String> FIELDS =
            List.of("id", "category", "expected", "probabilities", "coverage", CHOICE, ARGMAX, PROMPT_HASH, FITTED);

    /** More than a line has. */
    private static final int DEEPEST = 8;

    private static final String NONE = "none";
    private static final String REFUSE = "refuse";
    private static final String RESPOND = Labels.RESPOND;

    /** How far the written coverage may lie from the sum of the written probabilities. */
    private static final double COVERAGE_TOLERANCE = 1e-6;

    private ScoreFile() {}

    /**
     * Reads a score file and the meta file beside it.
     *
     * <p>Without a meta file &tau; is taken to be 1, which one warning says, and the policy tells the categories.
     *
     * @param policy names every category of the model; used only where there is no meta file, else it may be null
     * @param warnings told, in a sentence, what makes the result less certain
     * @throws ScoreFileException naming file, line and field, if anything is wrong
     */
    public static ScoredPrompts read(Path file, @Nullable RefusalPolicy policy, Consumer<String> warnings) {
        Given.value(file, "file");
        Given.value(warnings, "warnings");
        Path metaFile = ScoreMeta.beside(file);
        try (InputStream bytes = Files.newInputStream(file)) {
            ScoredPrompts.Builder builder;
            List<Integer> tokenIds = List.of();
            if (Files.exists(metaFile)) {
                ScoreMetaFile meta = ScoreMetaFile.read(metaFile);
                builder = ScoredPrompts.builder(meta.meta());
                tokenIds = meta.tokenIds();
            } else {
                builder = ScoredPrompts.builder(labelsOf(policy, metaFile), RefusalPolicy.DEFAULT_TEMPERATURE);
                warnings.accept(metaFile + " is missing: taking the prompts as scored with temperature 1, by a model"
                        + " that nothing identifies");
            }
            return read(bytes, file, builder, tokenIds);
        } catch (NoSuchFileException e) {
            throw new ScoreFileException(file + ": there is no such score file", e);
        } catch (IOException e) {
            throw new ScoreFileException(file + ": the score file cannot be read: " + e, e);
        }
    }

    private static Labels labelsOf(@Nullable RefusalPolicy policy, Path metaFile) {
        if (policy == null) {
            throw new ScoreFileException(metaFile + " is missing, and with it the categories; name them with"
                    + " a RefusalPolicy for them, or score the prompts again: PromptScorer");
        }
        try {
            return new Labels(policy.categories().stream()
                    .map(c -> new Category(c.id(), c.name() == null ? c.id() : c.name()))
                    .toList());
        } catch (IllegalArgumentException e) {
            throw new ScoreFileException(
                    metaFile + " is missing, and the policy names no categories: " + e.getMessage(), e);
        }
    }

    private static ScoredPrompts read(
            InputStream bytes, Path file, ScoredPrompts.Builder builder, List<Integer> tokenIds) throws IOException {
        List<String> names = new ArrayList<>();
        builder.labels().categories().forEach(c -> names.add(c.id()));
        names.add(RESPOND);
        DigestInputStream hashed = new DigestInputStream(bytes, sha256());
        BoundedLines lines = new BoundedLines(hashed, false);
        try {
            for (String line = lines.next(); line != null; line = lines.next()) {
                readLine(line, file + ":" + lines.number(), names, tokenIds, builder);
            }
        } catch (BadRowException e) {
            throw new ScoreFileException(file + ":" + e.line() + ": " + e.getMessage(), e);
        }
        if (lines.number() == 0) {
            throw new ScoreFileException(file + ": has no rows");
        }
        return builder.build(HexFormat.of().formatHex(hashed.getMessageDigest().digest()));
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static void readLine(
            String line, String place, List<String> names, List<Integer> tokenIds, ScoredPrompts.Builder builder) {
        JsonFields fields = JsonFields.parseLine(line, DEEPEST, place, ScoreFileException::new)
                .only(FIELDS);
        String id = fields.string("id");
        String category = category(fields);
        boolean refuse = shouldRefuse(fields);
        double[] probabilities = probabilities(fields.object("probabilities").only(names), names);
        double coverage = fields.number("coverage");
        double sum = 0;
        for (double p : probabilities) {
            sum += p;
        }
        if (!builder.hasOwnCoverage() && !(Math.abs(sum - coverage) <= COVERAGE_TOLERANCE)) {
            throw fields.error("coverage", coverage + " is not the sum of the probabilities, which is " + sum);
        }
        Integer choice = choice(fields, names, tokenIds);
        String promptHash = promptHash(fields);
        boolean fitted = fields.has(FITTED) && fields.bool(FITTED);
        try {
            builder.add(id, category.equals(NONE) ? null : category, refuse, probabilities, choice, promptHash);
            if (builder.hasOwnCoverage()) {
                builder.coverage(coverage);
            }
            if (fitted) {
                builder.noteFitted();
            }
        } catch (IllegalArgumentException e) {
            throw new ScoreFileException(place + ": " + e.getMessage(), e);
        }
    }

    private static double[] probabilities(JsonFields fields, List<String> names) {
        double[] probabilities = new double[names.size()];
        for (int i = 0; i < probabilities.length; i++) {
            double p = fields.number(names.get(i));
            if (!(p >= 0 && p <= 1)) {
                throw fields.error(names.get(i), p + " is not in [0, 1]");
            }
            probabilities[i] = p;
        }
        return probabilities;
    }

    private static String category(JsonFields fields) {
        String category = fields.string("category");
        if (category.isBlank()) {
            throw fields.error("category", "is blank; a row without a category has \"none\"");
        }
        return category;
    }

    private static boolean shouldRefuse(JsonFields fields) {
        String expected = fields.string("expected");
        if (!expected.equals(REFUSE) && !expected.equals(RESPOND)) {
            throw fields.error("expected", ForeignText.quoted(expected) + " is neither \"refuse\" nor \"respond\"");
        }
        return expected.equals(REFUSE);
    }

    private static @Nullable String promptHash(JsonFields fields) {
        if (!fields.has(PROMPT_HASH)) {
            return null;
        }
        String hash = fields.string(PROMPT_HASH);
        if (!PromptHash.isHash(hash)) {
            throw fields.error(PROMPT_HASH, ForeignText.quoted(hash) + " is not 32 hexadecimal digits");
        }
        return hash;
    }

    /** The index of the label that the model would choose; null where an older line's token cannot be told to be one. */
    private static @Nullable Integer choice(JsonFields fields, List<String> names, List<Integer> tokenIds) {
        if (fields.has(CHOICE) == fields.has(ARGMAX)) {
            throw fields.error(
                    CHOICE,
                    fields.has(CHOICE) ? "is there beside argmax, which stood in its place once" : "is missing");
        }
        if (fields.has(ARGMAX)) {
            int token = fields.integer(ARGMAX);
            return tokenIds.isEmpty() ? null : Integer.valueOf(tokenIds.indexOf(token));
        }
        String label = fields.stringOrNull(CHOICE);
        if (label == null) {
            return LabelNumbers.NO_LABEL;
        }
        int index = names.indexOf(label);
        if (index < 0) {
            throw fields.error(CHOICE, ForeignText.quoted(label) + " is none of " + String.join(", ", names));
        }
        return index;
    }

    /** A line of a prompt whose text is not known, which then counts as one of its own. */
    public static String line(String id, @Nullable String category, boolean shouldRefuse, Reading reading) {
        return line(id, category, shouldRefuse, reading, null, false);
    }

    /** A line of a prompt that nothing was fitted on. */
    public static String line(
            String id, @Nullable String category, boolean shouldRefuse, Reading reading, @Nullable String promptHash) {
        return line(id, category, shouldRefuse, reading, promptHash, false);
    }

    /**
     * One line of a score file, without its line feed; numbers read back as the same doubles.
     *
     * @param category a category's id; null: none
     * @param promptHash the {@link PromptHash} of the prompt; null: not known
     * @param fitted whether the head that scored it was fitted on it
     */
    public static String line(
            String id,
            @Nullable String category,
            boolean shouldRefuse,
            Reading reading,
            @Nullable String promptHash,
            boolean fitted) {
        Given.value(id, "id");
        Given.value(reading, "reading");
        JsonMembers probabilities = new JsonMembers();
        Labels labels = reading.labels();
        for (int i = 0; i < labels.count(); i++) {
            probabilities.put(labels.id(i), Double.valueOf(reading.probability(i)));
        }
        int choice = reading.choice();
        JsonMembers json = new JsonMembers()
                .put("id", id)
                .put("category", category == null ? NONE : category)
                .put("expected", shouldRefuse ? REFUSE : RESPOND)
                .put("probabilities", probabilities.object())
                .put("coverage", Double.valueOf(reading.coverage()))
                .put(CHOICE, choice == LabelNumbers.NO_LABEL ? null : labels.id(choice));
        if (promptHash != null) {
            json.put(PROMPT_HASH, promptHash);
        }
        if (fitted) {
            json.put(FITTED, true);
        }
        return JsonText.compact(json.object());
    }
}
