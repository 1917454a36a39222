package dev.demur.evaluation;

import dev.demur.arguments.Given;
import dev.demur.calibration.JointScores;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoredPrompts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A row that a policy decides otherwise than its label says.
 *
 * @param row its number among the prompts
 * @param decided a category's id, {@code respond}, or {@code model} for the model's own tokens
 * @param distance how far the row lies on the wrong side of being refused at all, in log-odds ({@code logit-bias}: in
 *     logits), 0 or more; infinite where no threshold would change it; 0 where it is refused as another category than the
 *     one that it is labelled with
 */
public record WrongDecision(int row, String decided, double distance) {

    public WrongDecision {
        Given.value(decided, "decided");
    }

    /** All of them, the worst first; each prompt once. */
    public static List<WrongDecision> of(ScoredPrompts prompts, RefusalPolicy policy) {
        Given.value(prompts, "prompts");
        Given.value(policy, "policy");
        Decisions decisions = prompts.decide(policy);
        int[] rows = prompts.distinct();
        double[] distances = JointScores.of(prompts, policy, rows);
        List<WrongDecision> wrong = new ArrayList<>();
        for (int i = 0; i < rows.length; i++) {
            int row = rows[i];
            boolean refused = decisions.refused(row);
            if (refused != prompts.shouldRefuse(row)) {
                double distance = Math.abs(distances[i]);
                wrong.add(new WrongDecision(row, name(prompts.labels(), decisions.chosen(row)), distance));
            } else if (refused && isOther(prompts, row, decisions.chosen(row))) {
                wrong.add(new WrongDecision(row, name(prompts.labels(), decisions.chosen(row)), 0));
            }
        }
        wrong.sort(Comparator.comparingDouble(WrongDecision::distance).reversed()); // stable: then as they come
        return wrong;
    }

    private static boolean isOther(ScoredPrompts prompts, int row, int chosen) {
        int label = prompts.label(row).map(prompts.labels()::indexOf).orElse(-1);
        return label >= 0 && label != chosen;
    }

    private static String name(Labels labels, int chosen) {
        return chosen == LabelNumbers.NO_LABEL ? TextAgreement.MODEL : labels.id(chosen);
    }
}
