package dev.demur.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.Demur;
import dev.demur.llama.Cancellation;
import dev.demur.suites.TemporaryFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Questions in words on the weights that are there, and who may close first: the server shares the window's model. */
class DemurEngineIT {

    private static final String QUESTION = "Is it wet?\n\nText:\nIt rains.\n\nAnswer yes or no.";

    @TempDir
    Path temp;

    /** A file of its own, so that what is mapped of it is this test's. */
    private Path model;

    @BeforeEach
    void copyModel() throws IOException {
        model = temp.resolve("model-of-this-test.gguf");
        Files.copy(Path.of("models/demur-tiny.gguf"), model, StandardCopyOption.REPLACE_EXISTING);
    }

    private static Engine.Asked ask(DemurEngine engine, AnswerWords words) {
        return engine.ask(words, QUESTION, new Cancellation());
    }

    /** How many parts of this process's memory are mapped from the model's file. */
    private long mapped() throws IOException {
        String name = model.getFileName().toString();
        try (Stream<String> lines = Files.lines(Path.of("/proc/self/maps"))) {
            return lines.filter(line -> line.endsWith(name)).count();
        }
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_question_in_words_neither_loads_the_weights_again_nor_writes_a_file() throws IOException {
        try (DemurEngine engine = engineOn(Demur.load(model))) {
            long before = mapped();
            assertTrue(before > 0, "the weights are mapped");
            TemporaryFiles files = TemporaryFiles.named("demur-.*\\.json");
            assertEquals(
                    "yes", ask(engine, AnswerWords.YES_NO).reading().labels().id(0));
            assertTrue(ask(engine, AnswerWords.LETTERS).promptTokens() > 0);
            assertEquals(before, mapped());
            files.assertNoneIsLeft();
        }
        assertEquals(0, mapped(), "the weights are gone with the server that owns them");
    }

    private static DemurEngine engineOn(Demur demur) {
        return new DemurEngine(demur, demur.policy());
    }

    private static DemurEngine sharing(Demur demur) {
        return DemurEngine.sharing(demur, demur.policy());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_server_that_closes_first_leaves_the_model_to_its_window() throws IOException {
        try (Demur demur = Demur.load(model)) {
            double own = demur.decide("Hello").reading().probability("safety");
            DemurEngine engine = sharing(demur);
            double asked = ask(engine, AnswerWords.YES_NO).reading().probability("yes");
            engine.close();
            assertEquals(
                    "the server is stopping",
                    assertThrows(IllegalStateException.class, () -> ask(engine, AnswerWords.YES_NO))
                            .getMessage());
            assertTrue(demur.isOpen());
            assertEquals(own, demur.decide("Hello").reading().probability("safety"));
            DemurEngine next = sharing(demur);
            assertEquals(asked, ask(next, AnswerWords.YES_NO).reading().probability("yes"));
            next.close();
            engine.close(); // once more does nothing
        }
        assertEquals(0, mapped());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_window_that_closes_its_model_first_ends_questions_and_the_weights_go_with_the_server() throws IOException {
        Demur demur = Demur.load(model);
        DemurEngine engine = sharing(demur);
        ask(engine, AnswerWords.YES_NO);
        demur.close();
        assertThrows(IllegalStateException.class, () -> ask(engine, AnswerWords.YES_NO), "asked before");
        assertThrows(IllegalStateException.class, () -> ask(engine, AnswerWords.LETTERS), "never asked before");
        engine.close();
        demur.close();
        assertEquals(0, mapped());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void a_question_that_is_read_when_the_window_closes_its_model_ends() throws Exception {
        Demur demur = Demur.load(model);
        DemurEngine engine = sharing(demur);
        CountDownLatch first = new CountDownLatch(1);
        CompletableFuture<Void> asking = CompletableFuture.runAsync(() -> {
            while (true) {
                ask(engine, AnswerWords.YES_NO);
                first.countDown();
            }
        });
        first.await();
        demur.close();
        ExecutionException end = assertThrows(ExecutionException.class, asking::get);
        assertEquals(IllegalStateException.class, end.getCause().getClass(), () -> end.toString());
        engine.close();
        assertEquals(0, mapped());
    }
}
