package dev.demur.monitor;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import dev.demur.arguments.Given;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;

/**
 * Lines of a log of decisions, which {@code demur monitor} reads: JSON, an object a line, as docs/MONITORING.md describes it.
 *
 * <p>A decision's line has its numbers and what was decided. If it was audited it says so, and a later line with the same id
 * gives the label. No prompt stands in a log.
 */
public final class DecisionLog {

    private static final Gson WRITER = new GsonBuilder()
            .setStrictness(Strictness.STRICT)
            .serializeNulls()
            .disableHtmlEscaping()
            .create();

    private DecisionLog() {}

    /**
     * The line of a decision, without its line feed.
     *
     * @param id of the request
     * @param audited whether it was selected to be labelled, as {@link Monitor#observe(String, Decision)} or {@link
     *     AuditPlan#selects} says
     */
    public static String line(String id, Decision decision, boolean audited) {
        Reading reading = Given.value(decision, "decision").reading();
        Labels labels = reading.labels();
        JsonObject json = new JsonObject();
        json.addProperty("id", Given.value(id, "id"));
        JsonObject decided = new JsonObject();
        decided.addProperty("kind", decision.kind());
        Category category = decision instanceof Decision.Refuse refuse ? refuse.category() : null;
        decided.addProperty("category", category == null ? null : category.id());
        decided.addProperty("forced", decision.forced());
        decided.addProperty("rule", decision.rule().id());
        json.add("decision", decided);
        JsonObject probabilities = new JsonObject();
        for (int i = 0; i < labels.count(); i++) {
            probabilities.addProperty(labels.id(i), reading.probability(i));
        }
        json.add("probabilities", probabilities);
        json.addProperty("coverage", reading.coverage());
        int choice = reading.choice();
        json.addProperty("choice", choice == LabelNumbers.NO_LABEL ? null : labels.id(choice));
        if (audited) {
            json.addProperty(LogEntry.AUDITED, true);
        }
        return WRITER.toJson(json);
    }

    /**
     * The line that labels an audited decision, without its line feed.
     *
     * @param id of the request
     */
    public static String label(String id, AuditLabel label) {
        JsonObject json = new JsonObject();
        json.addProperty("id", Given.value(id, "id"));
        json.addProperty("expected", Given.value(label, "label").verdict().id());
        json.addProperty("category", label.category() == null ? LogEntry.NONE : label.category());
        return WRITER.toJson(json);
    }
}
