package dev.demur.dataset;

import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.readout.ReadoutInfo;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Makes rows of a data set from the texts of their fields, whatever the format of the file.
 *
 * <p>A missing id is the row's number. A category may be given by its id, its display name or the text of its token, if it has one; one
 * that the model does not have stays as it is. {@code expected} is {@code refuse} or {@code respond}; CoCoNot's words for
 * them are {@code Abstain} and {@code Respond}.
 */
public final class RowLabels {

    private static final String NONE = "none";

    private final Map<String, String> ids = new HashMap<>();

    /** Labels for the categories of a readout. */
    public RowLabels(ReadoutInfo readout) {
        this(Given.value(readout, "readout").labels(), readout.identity());
    }

    /** Labels for the categories that something was read by, without the readout itself. */
    public RowLabels(Labels labels, ReadoutIdentity identity) {
        Given.value(labels, "labels");
        Given.value(identity, "identity");
        for (Category category : labels.categories()) {
            String token = identity.tokens().get(category.id());
            if (token != null) {
                ids.putIfAbsent(key(token.replaceAll("^\\s*\\[|]\\s*$", "")), category.id());
            }
            ids.putIfAbsent(key(category.name()), category.id());
        }
        for (Category category : labels.categories()) {
            ids.put(key(category.id()), category.id());
        }
    }

    private static String key(String name) {
        return name.strip().toLowerCase(Locale.ROOT);
    }

    /**
     * One row.
     *
     * @param row its number among the rows, from 1
     * @param id null or blank: the row's number
     * @param prompt null: missing
     * @param category null, blank or {@code none}: none
     * @param expected null: missing
     * @throws BadRowException if the prompt or what is expected is missing or makes no sense
     */
    public LabelledPrompt prompt(
            long line,
            long row,
            @Nullable String id,
            @Nullable String prompt,
            @Nullable String category,
            @Nullable String expected) {
        if (prompt == null) {
            throw new BadRowException(line, "prompt is missing");
        }
        if (prompt.isBlank()) {
            throw new BadRowException(line, "prompt is blank");
        }
        if (expected == null) {
            throw new BadRowException(line, "expected is missing: it must be refuse or respond");
        }
        boolean shouldRefuse = switch (key(expected)) {
            case "refuse", "abstain" -> true;
            case "respond" -> false;
            default ->
                throw new BadRowException(
                        line, "expected is " + ForeignText.quoted(expected) + ": it must be refuse or respond");
        };
        String name = id == null || id.isBlank() ? Long.toString(row) : id;
        return new LabelledPrompt(line, name, categoryId(category), shouldRefuse, prompt);
    }

    private @Nullable String categoryId(@Nullable String category) {
        if (category == null || category.isBlank() || key(category).equals(NONE)) {
            return null;
        }
        return ids.getOrDefault(key(category), category.strip());
    }
}
