package dev.demur.monitor;

import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import dev.demur.json.JsonFields;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A line of a log: a decision, a label for one, or both. JsonFields that are not known are passed over, so that lines that {@code ask
 * --json}, {@code score} or a server write can be read as they are.
 */
public final class LogEntry {

    static final String AUDITED = "audited";
    static final String REFUSE = "refuse";
    static final String NONE = "none";

    private static final String PROBABILITIES = "probabilities";

    /** Fields that are passed over may have anything in them. */
    private static final int DEEPEST = 24;

    private final JsonFields fields;
    private final @Nullable String id;
    private final boolean audited;
    private final @Nullable AuditLabel label;

    private LogEntry(JsonFields fields) {
        this.fields = fields;
        this.id = fields.stringOrNull("id");
        this.audited = fields.isSet(AUDITED) && fields.bool(AUDITED);
        this.label = label(fields);
        boolean decides = fields.isSet(PROBABILITIES);
        if (!decides && label == null) {
            throw fields.error(PROBABILITIES, "is missing, and so is expected: the line has no decision and no label");
        }
        if (id == null && (!decides || audited && label == null)) {
            throw fields.error("id", "is missing, which tells which decision a label is for");
        }
    }

    /**
     * Reads a line.
     *
     * @param place what messages call it, as {@code decisions.jsonl:12}
     * @throws MonitorException naming place and field, if it is no such line
     */
    public static LogEntry parse(String line, String place) {
        Given.value(line, "line");
        Given.value(place, "place");
        return new LogEntry(JsonFields.parseLine(line, DEEPEST, place, MonitorException::new));
    }

    private static @Nullable AuditLabel label(JsonFields fields) {
        String expected = fields.stringOrNull("expected");
        if (expected == null) {
            return null;
        }
        String category = fields.stringOrNull("category");
        String of = category == null || category.equals(NONE) ? null : category;
        AuditLabel.Verdict verdict = AuditLabel.Verdict.of(expected);
        if (verdict == null) {
            throw fields.error(
                    "expected",
                    ForeignText.escaped(expected) + " is none of "
                            + Arrays.stream(AuditLabel.Verdict.values())
                                    .map(AuditLabel.Verdict::id)
                                    .collect(Collectors.joining(", ")));
        }
        return verdict == AuditLabel.Verdict.UNDECIDED
                ? AuditLabel.undecided()
                : fields.checked(() -> new AuditLabel(verdict, of));
    }

    /** Whether the line has a decision, and not a label alone. */
    public boolean hasDecision() {
        return fields.isSet(PROBABILITIES);
    }

    /**
     * The categories that the line's probabilities are of, each named by its id.
     *
     * @throws MonitorException if the line has no decision, or names no labels
     */
    public Labels labels() {
        List<Category> categories = new ArrayList<>();
        for (String name : fields.object(PROBABILITIES).names()) {
            if (!name.equals(Labels.RESPOND)) {
                categories.add(fields.checked(() -> new Category(name, name)));
            }
        }
        return fields.checked(() -> new Labels(categories));
    }

    /**
     * What a policy decides on the line's numbers, which must have been read with the policy's &tau;.
     *
     * @throws MonitorException if the numbers are not those of the labels, or leave the decision to a model whose choice the
     *     line does not tell
     */
    public Decision decide(RefusalPolicy policy, Labels labels) {
        Given.value(policy, "policy");
        Given.value(labels, "labels");
        JsonFields numbers = fields.object(PROBABILITIES);
        double[] probabilities = new double[labels.count()];
        for (int i = 0; i < probabilities.length; i++) {
            String name = labels.id(i);
            double p = numbers.number(name);
            if (!(p >= 0 && p <= 1)) {
                throw numbers.error(name, p + " is not in [0, 1]");
            }
            probabilities[i] = p;
        }
        if (numbers.names().size() != probabilities.length) {
            throw fields.error(
                    PROBABILITIES, "must have " + labels.categoryIds() + " and " + Labels.RESPOND + " alone");
        }
        Integer choice = choice(labels);
        Reading reading = Reading.ofProbabilities(
                labels, policy.temperature(), probabilities, choice == null ? LabelNumbers.NO_LABEL : choice);
        Double coverage = fields.numberOrNull("coverage");
        if (coverage != null && coverage != reading.coverage()) { // normalised probabilities have one of their own
            Reading sums = reading;
            reading = fields.checked(() -> sums.withCoverage(coverage));
        }
        Decision decision = policy.decide(reading);
        if (!decision.forced() && choice == null) {
            throw fields.error("choice", "is missing, and this policy leaves the decision to the model");
        }
        return decision;
    }

    /** What the model by itself would choose, which an unforced decision tells too; null: not known. */
    private @Nullable Integer choice(Labels labels) {
        if (fields.names().contains("choice")) {
            String choice = fields.stringOrNull("choice");
            int index = choice == null ? LabelNumbers.NO_LABEL : labels.indexOfLabel(choice);
            if (choice != null && index < 0) {
                throw fields.error("choice", ForeignText.escaped(choice) + " is no label");
            }
            return index;
        }
        JsonFields decision = fields.objectOrNull("decision");
        if (decision == null || !decision.isSet("forced") || decision.bool("forced")) {
            return null;
        }
        String label = decision.string("kind").equals(REFUSE) ? decision.string("category") : decision.string("kind");
        return labels.indexOfLabel(label); // -1, no label, for the model's own tokens
    }

    /** Whether the line tells that something else was decided; false where it does not tell what was. */
    public boolean differsFrom(Decision decision) {
        Given.value(decision, "decision");
        JsonFields decided = fields.objectOrNull("decision");
        if (decided == null || !decided.isSet("kind")) {
            return false;
        }
        String category =
                decision instanceof Decision.Refuse refuse ? refuse.category().id() : null;
        return !decided.string("kind").equals(decision.kind())
                || category != null && !category.equals(decided.stringOrNull("category"));
    }

    /** The id of the request; null: the line has none. */
    public @Nullable String id() {
        return id;
    }

    /** Whether the decision was selected to be labelled; one that has its label was, too. */
    public boolean isAudited() {
        return audited || label != null;
    }

    /** What should have become of the prompt; null: the line does not tell, or not yet. */
    public @Nullable AuditLabel label() {
        return label;
    }
}
