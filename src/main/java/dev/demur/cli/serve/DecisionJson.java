package dev.demur.cli.serve;

import com.google.gson.JsonObject;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import org.jspecify.annotations.Nullable;

/** A decision in a reply: the field {@code demur}, with the names of {@code ask --json}. */
final class DecisionJson {

    static final String FIELD = "demur";
    static final String DECISION = "decision";
    static final String AUDIT = "audit";

    private DecisionJson() {}

    /**
     * As {@link #of(Decision)}, with {@code audit} where somebody is to label the decision.
     *
     * @param audit the id by which to label it; null: nobody is
     */
    static JsonObject of(Decision decision, @Nullable String audit) {
        JsonObject json = of(decision);
        if (audit != null) {
            json.addProperty(AUDIT, audit);
        }
        return json;
    }

    /** {@code {"decision": {"kind", "category", "forced", "rule"}, "probabilities": {id: p}, "coverage"}}. */
    static JsonObject of(Decision decision) {
        JsonObject made = new JsonObject();
        made.addProperty("kind", decision.kind());
        made.addProperty(
                "category",
                decision instanceof Decision.Refuse refuse ? refuse.category().id() : null);
        made.addProperty("forced", decision.forced());
        made.addProperty("rule", decision.rule().id());
        JsonObject json = new JsonObject();
        json.add(DECISION, made);
        json.add("probabilities", probabilities(decision.reading()));
        json.addProperty("coverage", decision.reading().coverage());
        return json;
    }

    private static JsonObject probabilities(Reading reading) {
        Labels labels = reading.labels();
        JsonObject json = new JsonObject();
        for (int i = 0; i < labels.count(); i++) {
            json.addProperty(labels.id(i), reading.probability(i));
        }
        return json;
    }

    /** As {@code refuse:safety}, for logs. */
    static String words(Decision decision) {
        return decision instanceof Decision.Refuse refuse
                ? decision.kind() + ":" + refuse.category().id()
                : decision.kind();
    }
}
