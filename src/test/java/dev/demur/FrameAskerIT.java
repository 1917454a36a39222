package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.readout.words.Frame;
import dev.demur.readout.words.FrameFile;
import dev.demur.readout.words.Frames;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Frames that are made as they are needed, on the bundled model. */
class FrameAskerIT {

    /** Of probabilities: what is held was decoded in another batch. */
    private static final double NOISE = 1e-4;

    private static final List<Message> ABOUT = List.of(Message.user("How do I kill a Python process?"));

    private static Demur demur;

    @BeforeAll
    static void load() {
        demur = Demur.load(
                DemurContract.MODEL, LoadOptions.DEFAULTS.withThreads(1).withContextSize(512));
    }

    @AfterAll
    static void close() {
        demur.close();
    }

    private static Frame frame(String question) {
        return FrameFile.parse("""
                {"version": 1, "name": "mine", "begins": "Answer:",
                 "prompt": {"messages": [{"role": "user", "text": "Read this.\\n\\n{{last}}\\n%s"}]},
                 "labels": [{"id": "yes", "spellings": [" Yes", " yes"]}, {"id": "respond", "spellings": [" No", " no"]}]}
                """.formatted(question), "mine.json");
    }

    @Test
    void a_question_has_the_numbers_that_the_same_weights_give_by_that_frame() {
        Frame frame = Frames.named("ask");
        try (FrameAsker asker = demur.frameAsker();
                Demur framed = demur.withFrame(frame)) {
            FrameAsker.Answer answer = asker.ask(frame, ABOUT, false, null);
            Reading same = framed.decide(Request.of(ABOUT)).reading();
            assertEquals(frame.labels(), answer.reading().labels());
            assertEquals(framed.promptTokens(ABOUT).length, answer.promptTokens());
            for (int i = 0; i < frame.labels().count(); i++) {
                assertEquals(
                        same.probability(i),
                        answer.reading().probability(i),
                        NOISE,
                        frame.labels().id(i));
            }
        }
    }

    @Test
    void questions_follow_one_another_about_the_same_messages() {
        try (FrameAsker asker = demur.frameAsker()) {
            double first = respond(asker.ask(frame("Is it about snakes?"), ABOUT, false, null));
            double other = respond(asker.ask(frame("Is it about programs?"), ABOUT, true, null));
            assertEquals(other, respond(asker.ask(frame("Is it about programs?"), ABOUT, false, null)), NOISE);
            assertEquals(first, respond(asker.ask(frame("Is it about snakes?"), ABOUT, false, null)));
        }
    }

    private static double respond(FrameAsker.Answer answer) {
        return answer.reading().probability(Labels.RESPOND);
    }

    @Test
    void what_does_not_fit_the_context_is_an_error_that_says_what_helps() {
        List<Message> longer = List.of(Message.user("word ".repeat(600)));
        try (FrameAsker asker = demur.frameAsker()) {
            String message = String.valueOf(
                    assertThrows(DemurException.class, () -> asker.ask(frame("Is it long?"), longer, false, null))
                            .getMessage());
            assertTrue(message.startsWith("the question 'mine' and what it is about have "), message);
            assertTrue(message.endsWith("raise the context size (LoadOptions.withContextSize)"), message);
        }
    }

    @Test
    void a_cancelled_question_ends_and_a_closed_asker_asks_nothing() {
        Cancellation cancelled = new Cancellation();
        cancelled.cancel();
        FrameAsker asker = demur.frameAsker();
        Frame frame = frame("Is it short?");
        assertThrows(CancellationException.class, () -> asker.ask(frame, ABOUT, false, cancelled));
        assertTrue(respond(asker.ask(frame, ABOUT, false, new Cancellation())) > 0);
        asker.close();
        assertThrows(IllegalStateException.class, () -> asker.ask(frame, ABOUT, false, null));
    }

    @Test
    void a_frame_of_another_class_is_refused() {
        Frame own = Frames.named("ask");
        Frame foreign = new Frame() {
            @Override
            public String name() {
                return own.name();
            }

            @Override
            public Labels labels() {
                return own.labels();
            }

            @Override
            public String checksum() {
                return own.checksum();
            }

            @Override
            public boolean judgesReply() {
                return own.judgesReply();
            }
        };
        try (FrameAsker asker = demur.frameAsker()) {
            assertThrows(IllegalArgumentException.class, () -> asker.ask(foreign, ABOUT, false, null));
            assertThrows(IllegalArgumentException.class, () -> demur.withFrame(foreign));
        }
    }

    @Test
    void what_a_model_told_of_itself_stays_good_when_it_is_closed() {
        Demur closed = Demur.load(DemurContract.MODEL);
        closed.close();
        assertEquals(demur.model().layers(), closed.model().layers());
        assertEquals(demur.model().embeddingSize(), closed.model().embeddingSize());
        assertEquals(demur.model().devices().size(), closed.model().devices().size());
        assertEquals(demur.model().llama(), closed.model().llama());
        assertEquals(demur.readout(), closed.readout());
    }
}
