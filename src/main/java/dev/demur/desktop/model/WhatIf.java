package dev.demur.desktop.model;

import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoredPrompts;
import java.util.ArrayList;
import java.util.List;

/**
 * What a policy would do to the scored prompts.
 *
 * @param good how many of them should be answered
 * @param goodRefused how many of these it refuses
 * @param categories of each category, those that should be refused
 */
public record WhatIf(int good, int goodRefused, List<Of> categories) {

    /**
     * The prompts of a category that should be refused.
     *
     * @param rows how many there are
     * @param refused how many of them are refused, as whatever category
     */
    public record Of(String id, int rows, int refused) {}

    public WhatIf {
        categories = List.copyOf(categories);
    }

    /** Decides all prompts. */
    static WhatIf of(ScoredPrompts prompts, RefusalPolicy policy) {
        Decisions decisions = prompts.decide(policy);
        int[] answer = prompts.shouldAnswer();
        List<Of> categories = new ArrayList<>();
        prompts.labels().categories().forEach(category -> {
            int[] rows = prompts.shouldRefuse(category.id());
            categories.add(new Of(category.id(), rows.length, decisions.refusals(rows)));
        });
        return new WhatIf(answer.length, decisions.refusals(answer), categories);
    }
}
