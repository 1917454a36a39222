package dev.demur.cli.terminal;

import dev.demur.policy.Reading;
import dev.demur.scoring.ScoredPrompts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How many scored prompts there are of which kind. */
public final class Rows {

    private Rows() {}

    /** What makes rows count for less than they seem to; nothing where all is well. */
    public static List<String> warnings(ScoredPrompts prompts, Path scores) {
        List<String> warnings = new ArrayList<>();
        int repeated = prompts.repeated();
        if (repeated > 0) {
            warnings.add(
                    scores + ": " + (repeated == 1 ? "a row repeats the prompt" : repeated + " rows repeat prompts")
                            + " of earlier ones; every prompt counts once, because repetitions tell nothing new");
        }
        Map<String, Integer> unknown = new LinkedHashMap<>();
        int low = 0;
        for (int row = 0; row < prompts.size(); row++) {
            prompts.label(row)
                    .filter(label -> prompts.labels().indexOf(label) < 0)
                    .ifPresent(label -> unknown.merge(label, 1, Integer::sum));
            low += Reading.isLowCoverage(prompts.coverage(row)) ? 1 : 0;
        }
        unknown.forEach((label, rows) -> warnings.add(scores + ": " + rows + (rows == 1 ? " row is" : " rows are")
                + " labelled '" + Text.oneLine(label) + "', which is no category of the scored model: it has "
                + prompts.labels().categoryIds()));
        if (low > 0) {
            warnings.add(
                    scores + ": in " + low + " of " + prompts.size() + " rows what is decided between has less than"
                            + " half of the probability: the chat template, the control tokens or the model were probably the"
                            + " wrong ones");
        }
        int contradictions = prompts.contradictions();
        if (contradictions > 0) {
            warnings.add(scores + ": " + (contradictions == 1 ? "a prompt is" : contradictions + " prompts are")
                    + " labelled respond in one row and refuse in another: label the same prompt alike");
        }
        return warnings;
    }

    /** As {@code 900 rows: 600 should-answer (200 near misses), 300 should-refuse}. */
    public static String describe(ScoredPrompts prompts) {
        return prompts.size() + " rows: " + prompts.shouldAnswer().length + " should-answer ("
                + prompts.nearMisses().length + " near misses), " + prompts.shouldRefuse().length + " should-refuse"
                + (prompts.repeated() == 0 ? "" : "; " + prompts.repeated() + " repeat a prompt and are left out");
    }
}
