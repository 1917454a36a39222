package dev.demur.fit;

import dev.demur.arguments.Given;
import dev.demur.dataset.JsonlPrompts;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.readout.Head;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/** The labelled prompts that come with Demur, for the paper's five categories: examples/starter.jsonl. */
public final class StarterPrompts {

    /** The source of all of them. */
    public static final String SOURCE = "starter";

    /** With more rows of one's own they are not needed. */
    public static final int ENOUGH_ROWS = 3_000;

    private static final String RESOURCE = "starter.jsonl";

    private StarterPrompts() {}

    /** Makes rows of the data of a head's labels, which have no tokens. */
    public static RowLabels rowLabels() {
        return new RowLabels(FitData.knownLabels(), new ReadoutIdentity(Head.KIND, null, Map.of()));
    }

    /**
     * Adds them.
     *
     * @throws IOException if they cannot be read, as where a jar was packed anew without them
     */
    public static void addTo(FitData data) throws IOException {
        Given.value(data, "data");
        InputStream in = StarterPrompts.class.getResourceAsStream(RESOURCE);
        if (in == null) {
            throw new IOException("the starter prompts are missing in this jar (dev/demur/fit/" + RESOURCE + ")");
        }
        try (PromptSource prompts = new JsonlPrompts(in, rowLabels())) {
            LabelledPrompt prompt = prompts.next();
            while (prompt != null) {
                data.add(prompt.withSource(SOURCE));
                prompt = prompts.next();
            }
        }
    }
}
