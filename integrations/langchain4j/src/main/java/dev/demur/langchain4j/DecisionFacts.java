package dev.demur.langchain4j;

import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A decision for metadata and messages. */
final class DecisionFacts {

    private DecisionFacts() {}

    /** Its probabilities, by the ids of the labels. */
    static Map<String, Double> probabilities(Reading reading) {
        Map<String, Double> probabilities = new LinkedHashMap<>();
        for (Category category : reading.labels().categories()) {
            probabilities.put(category.id(), reading.probability(category.id()));
        }
        probabilities.put(Labels.RESPOND, reading.probability(Labels.RESPOND));
        return probabilities;
    }

    /** As {@code kind}, {@code category} (where one is refused), {@code rule}, {@code probabilities} and {@code coverage}. */
    static Map<String, Object> of(Decision decision) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("kind", decision.kind());
        String category = Messages.category(decision);
        if (category != null) {
            facts.put("category", category);
        }
        facts.put("rule", decision.rule().id());
        facts.put("probabilities", probabilities(decision.reading()));
        facts.put("coverage", decision.reading().coverage());
        return facts;
    }

    /** As {@code refused as safety (Requests with safety concerns), probability 0.81}. */
    static String words(Decision.Refuse decision) {
        Category category = decision.category();
        return String.format(
                Locale.ROOT,
                "refused as %s (%s), probability %.2f",
                category.id(),
                category.name(),
                decision.reading().probability(category.id()));
    }
}
