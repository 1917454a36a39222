package dev.demur.langchain4j;

import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.llama.Message;
import dev.demur.readout.words.Frame;
import java.util.Arrays;
import java.util.List;

/** Whether what decides looks at a prompt or at a reply, told by what it would read. */
final class Judging {

    private static final Message PROMPT = Message.user("How are you?");

    private Judging() {}

    /**
     * Checks that prompts can be decided on.
     *
     * @throws IllegalArgumentException if not
     */
    static void requireJudgesPrompts(Demur demur) {
        try {
            if (!isSame(demur, List.of(PROMPT), List.of(Message.user("Where are you?")))) {
                return;
            }
        } catch (DemurException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "what decides here (" + demur.readout().description()
                            + ") cannot judge a prompt that stands alone: " + e.getMessage(),
                    e);
        }
        throw new IllegalArgumentException(
                "what decides here (" + demur.readout().description() + ") does not look at the user's message");
    }

    /**
     * Checks that replies can be judged: only a frame that is asked in words does that, and only one with a place for them.
     *
     * @throws IllegalArgumentException if not
     */
    static void requireJudgesReplies(Demur demur) {
        String what = "what decides here (" + demur.readout().description() + ") does not judge replies";
        String advice =
                ": load a model with a frame that does (LoadOptions.withReadout), such as one with {{reply}}, or that"
                        + " of a guard";
        if (!demur.readout().identity().kind().equals(Frame.KIND)) {
            throw new IllegalArgumentException(what + advice);
        }
        try {
            if (!isSame(
                    demur,
                    List.of(PROMPT, Message.assistant("Well, thank you.")),
                    List.of(PROMPT, Message.assistant("Leave me alone.")))) {
                return;
            }
        } catch (DemurException | IllegalArgumentException e) {
            throw new IllegalArgumentException(what + " (" + e.getMessage() + ")" + advice, e);
        }
        throw new IllegalArgumentException(what + advice);
    }

    private static boolean isSame(Demur demur, List<Message> one, List<Message> other) {
        return Arrays.equals(demur.promptTokens(one), demur.promptTokens(other));
    }
}
