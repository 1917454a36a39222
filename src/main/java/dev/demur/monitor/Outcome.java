package dev.demur.monitor;

import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.Reading;
import dev.demur.policy.Rules;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rate needs to know of a decision, which outlives it in a file.
 *
 * @param refusedAs the category that it was refused as; null: it was not
 * @param passed the categories whose threshold it reached
 */
record Outcome(@Nullable String refusedAs, List<String> passed) {

    Outcome {
        passed = List.copyOf(passed);
    }

    boolean isRefused() {
        return refusedAs != null;
    }

    static Outcome of(Decision decision, Rules rules) {
        Reading reading = decision.reading();
        List<String> passed = new ArrayList<>();
        for (int c = 0; c < rules.labels().respondIndex(); c++) {
            if (rules.passes(reading, c)) {
                passed.add(rules.labels().id(c));
            }
        }
        Category category = decision instanceof Decision.Refuse refuse ? refuse.category() : null;
        return new Outcome(category == null ? null : category.id(), passed);
    }
}
