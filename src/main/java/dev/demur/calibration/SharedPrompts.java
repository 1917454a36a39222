package dev.demur.calibration;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.demur.arguments.Given;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which scored prompts are among those that a policy was calibrated on, in whatever order, part or file. On these its rates
 * flatter it.
 *
 * @param sameFile whether the data or the score file is the very one
 * @param shared how many rows were seen to be there
 * @param compared of how many rows that could be told: of all, or, where the policy was calibrated on more than it keeps, of
 *     a sample; 0 where the scores or the calibration have no hashes of prompts
 * @param ids the ids of the first rows that are shared
 */
public record SharedPrompts(boolean sameFile, int shared, int compared, List<String> ids) {

    private static final int MOST_IDS = 10;
    private static final SharedPrompts NONE = new SharedPrompts(false, 0, 0, List.of());

    public SharedPrompts {
        ids = Given.list(ids, "ids");
    }

    /** Compares; a policy without a calibration shares nothing. */
    public static SharedPrompts of(RefusalPolicy policy, ScoredPrompts prompts) {
        Given.value(policy, "policy");
        Given.value(prompts, "prompts");
        JsonObject note = Notes.of(policy);
        if (note == null) {
            return NONE;
        }
        String dataHash = prompts.meta().map(ScoreMeta::dataHash).orElse("");
        boolean sameFile = isSame(note.get(CalibrationNote.DATA_HASH), dataHash)
                || isSame(note.get(CalibrationNote.SCORES_HASH), prompts.scoresHash());
        PromptSketch sketch = PromptSketch.parse(note.get(CalibrationNote.SKETCH));
        if (sketch == null) {
            return new SharedPrompts(sameFile, 0, 0, List.of());
        }
        int shared = 0;
        int compared = 0;
        List<String> ids = new ArrayList<>();
        for (int row = 0; row < prompts.size(); row++) {
            if (prompts.hasPromptHash(row) && !sketch.isBeyond(prompts, row)) {
                compared++;
                if (sketch.contains(prompts, row)) {
                    shared++;
                    if (ids.size() < MOST_IDS) {
                        ids.add(prompts.id(row));
                    }
                }
            }
        }
        return new SharedPrompts(sameFile, shared, compared, ids);
    }

    private static boolean isSame(@Nullable JsonElement noted, String hash) {
        return noted != null
                && noted.isJsonPrimitive()
                && !hash.isEmpty()
                && noted.getAsString().equals(hash);
    }

    /** Whether any prompt is shared. */
    public boolean any() {
        return sameFile || shared > 0;
    }
}
