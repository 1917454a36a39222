package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.gguf.GgufException;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Message;
import dev.demur.policy.Labels;
import dev.demur.readout.words.Frame;
import dev.demur.readout.words.Frames;
import dev.demur.suites.TemporaryFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What is there for convenience does what the long way does. */
class ConvenienceIT {

    private static final Path MODEL = DemurContract.MODEL;
    private static final String COPIES = "demur-.*\\.gguf";
    private static final List<Message> PROMPT = List.of(Message.user("Name a fruit that is yellow."));
    private static final GenerationOptions SHORT = GenerationOptions.DEFAULTS.withMaxTokens(8);

    @Test
    void a_model_from_a_stream_or_from_memory_is_that_of_the_file_and_leaves_nothing_behind() throws IOException {
        TemporaryFiles before = TemporaryFiles.named(COPIES);
        String text;
        try (Demur demur = Demur.load(MODEL)) {
            text = demur.generate(Request.of(PROMPT, SHORT)).text();
        }
        try (InputStream in = Files.newInputStream(MODEL);
                Demur demur = Demur.load(in, LoadOptions.DEFAULTS)) {
            assertEquals(text, demur.generate(Request.of(PROMPT, SHORT)).text());
        }
        byte[] padded = new byte[7 + (int) Files.size(MODEL)];
        byte[] model = Files.readAllBytes(MODEL);
        System.arraycopy(model, 0, padded, 7, model.length);
        ByteBuffer bytes = ByteBuffer.wrap(padded).position(7);
        try (Demur demur = Demur.load(bytes, LoadOptions.DEFAULTS)) {
            assertEquals(7, bytes.position());
            assertEquals(text, demur.generate(Request.of(PROMPT, SHORT)).text());
        }
        before.assertNoneIsLeft();
    }

    @Test
    void what_is_no_model_leaves_nothing_behind_either() throws IOException {
        TemporaryFiles before = TemporaryFiles.named(COPIES);
        InputStream wrong = new ByteArrayInputStream("This is no model.".getBytes(StandardCharsets.US_ASCII));
        assertThrows(GgufException.class, () -> Demur.load(wrong, LoadOptions.DEFAULTS));
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("the line is dead");
            }
        };
        assertEquals(
                "the line is dead",
                assertThrows(IOException.class, () -> Demur.load(broken, LoadOptions.DEFAULTS))
                        .getMessage());
        before.assertNoneIsLeft();
    }

    @Test
    void a_future_holds_the_same_generation_and_cancels_it() {
        try (Demur demur = Demur.load(MODEL)) {
            String text = demur.generate(Request.of(PROMPT, SHORT)).text();
            assertEquals(
                    text, demur.generateAsync(Request.of(PROMPT, SHORT)).join().text());

            Cancellation cancelled = new Cancellation();
            cancelled.cancel();
            CompletableFuture<Generation> never =
                    demur.generateAsync(Request.of(PROMPT, SHORT.withCancellation(cancelled)));
            assertThrows(CancellationException.class, never::join);
            assertTrue(never.isCancelled());

            CompletableFuture<Generation> left = demur.generateAsync(Request.of(PROMPT, SHORT.withMaxTokens(4000)));
            assertTrue(left.cancel(true));
            assertTrue(left.isCancelled());
        } // closes only when nothing runs any more
    }

    @Test
    void tokens_are_counted_with_what_the_template_adds() {
        try (Demur demur = Demur.load(MODEL)) {
            int few = demur.countTokens(PROMPT);
            assertEquals(demur.promptTokens(PROMPT).length, few);
            assertTrue(few > demur.countTokens(List.of(Message.user("Name"))));
        }
    }

    @Test
    void a_stream_is_gone_through_in_a_loop() {
        try (Demur demur = Demur.load(MODEL);
                GenerationStream stream = demur.stream(Request.of(PROMPT, SHORT))) {
            StringBuilder text = new StringBuilder();
            for (String piece : stream) {
                text.append(piece);
            }
            assertEquals(demur.generate(Request.of(PROMPT, SHORT)).text(), text.toString());
        }
    }

    private static double safety(Demur demur) {
        return demur.decide(Request.of(PROMPT)).reading().probability("safety");
    }

    @Test
    void a_frame_reads_the_weights_that_are_there_and_leaves_them_to_their_owner() {
        Frame frame = Frames.named("ask");
        double apart;
        try (Demur loaded = Demur.load(MODEL, LoadOptions.DEFAULTS.withReadout("ask"))) {
            apart = loaded.decide(Request.of(PROMPT)).reading().probability(Labels.RESPOND);
        }
        try (Demur demur = Demur.load(MODEL)) {
            double own = safety(demur);
            try (Demur asked = demur.withFrame(frame)) {
                assertSame(demur.model(), asked.model());
                assertEquals("words", asked.readout().identity().kind());
                assertEquals(apart, asked.decide(Request.of(PROMPT)).reading().probability(Labels.RESPOND));
                assertEquals(own, safety(demur));
            }
            assertTrue(demur.isOpen());
            assertEquals(own, safety(demur), "closing what asks frees nothing of the model's");
        }
    }

    @Test
    void a_frame_cannot_read_weights_that_are_gone() {
        Demur demur = Demur.load(MODEL);
        Demur asked = demur.withFrame(Frames.named("ask"));
        demur.close();
        assertThrows(IllegalStateException.class, () -> asked.decide(Request.of(PROMPT)));
        asked.close();
        assertThrows(IllegalStateException.class, () -> demur.withFrame(Frames.named("ask")));
    }

    @Test
    void a_model_says_its_name_and_whether_it_is_open() {
        Demur demur = Demur.load(MODEL);
        assertEquals(MODEL.getFileName().toString(), demur.name());
        assertTrue(demur.isOpen());
        assertFalse(demur.readout().judgesReply());
        demur.close();
        assertFalse(demur.isOpen());
        assertEquals(MODEL.getFileName().toString(), demur.name());
    }
}
