package dev.demur.desktop.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoreMeta;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Scored prompts: what a policy would do to them, and what can be promised from them. */
class ScoresTest {

    private static final Texts TEXTS = Texts.of(Locale.ENGLISH);
    private static final int ROWS = 400;

    @TempDir
    Path temp;

    private final UserInterface ui = new UserInterface();
    private DataFolder folder;
    private Desk desk;

    @BeforeEach
    void open() throws IOException {
        folder = DataFolder.open(temp.resolve("data"), TEXTS);
        desk = ui.get(
                () -> new Desk(folder, TEXTS, null, (file, options) -> new FakeSession(), Surroundings.LIBRARY, ui));
        ui.run(() -> desk.start(Path.of("fake.gguf")));
        ui.await("the model", () -> desk.models().session() != null);
    }

    @AfterEach
    void close() {
        desk.close();
        folder.close();
        ui.close();
    }

    /** Good prompts have safety at 0 to 0.4, bad ones at 0.3 to 0.9. */
    private Path scores(String name, Labels labels, int rows) throws IOException {
        Path file = temp.resolve(name);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < rows; i++) {
            boolean refuse = i % 2 == 1;
            double share = i / (double) rows;
            Reading reading = FakeSession.reading(refuse ? 0.3 + 0.6 * share : 0.4 * share, 1);
            lines.add(ScoreFile.line("r" + i, refuse ? "safety" : null, refuse, reading));
        }
        new ScoreMeta("fake", null, null, 1, labels, FakeSession.READOUT, "data", null, null, null)
                .write(ScoreMeta.beside(file));
        return Files.write(file, lines);
    }

    private void load(Path file) {
        ui.run(() -> desk.scores().open(file));
        ui.await(
                "the scores",
                () -> desk.scores().whatIf() != null || desk.scores().problem() != null);
    }

    @Test
    void the_strip_says_what_the_thresholds_would_refuse_and_follows_them() throws IOException {
        load(scores("s.jsonl", FakeSession.LABELS, ROWS));
        assertNull(ui.get(() -> desk.scores().problem()));
        WhatIf before = ui.get(() -> desk.scores().whatIf());
        assertEquals(ROWS / 2, before.good());
        assertEquals(0, before.goodRefused());
        assertEquals(new WhatIf.Of("incomplete", 0, 0), before.categories().get(0));
        ui.run(() -> desk.policies().setThreshold("safety", 0.2));
        ui.await("the strip", () -> desk.scores().whatIf().goodRefused() > 0);
        WhatIf after = ui.get(() -> desk.scores().whatIf());
        assertEquals(ROWS / 4, after.goodRefused(), 1);
        assertEquals(ROWS / 2, after.categories().get(1).refused());
    }

    @Test
    void a_promise_moves_the_thresholds_and_is_kept_on_the_prompts() throws IOException {
        load(scores("s.jsonl", FakeSession.LABELS, ROWS));
        ui.run(() -> desk.policies().setThreshold("incomplete", null));
        ui.run(() -> desk.scores().promise(5));
        ui.await(
                "the promise", () -> desk.policies().promises() || desk.scores().problem() != null);
        assertNull(ui.get(() -> desk.scores().problem()));
        assertTrue(
                ui.get(() -> desk.policies().promise()).contains("5 %"),
                ui.get(() -> desk.policies().promise()));
        ui.await("the strip", () -> desk.scores().whatIf().goodRefused() > 0);
        WhatIf now = ui.get(() -> desk.scores().whatIf());
        assertTrue(now.goodRefused() <= now.good() * 0.05, now.toString());
        assertNull(ui.get(() -> desk.policies().rows()).get(0).threshold(), "what is off stays off");
        assertEquals(
                FakeSession.REPLY,
                ui.get(() -> desk.policies().policy())
                        .category("safety")
                        .orElseThrow()
                        .reply());
    }

    @Test
    void what_cannot_be_promised_from_so_few_prompts_is_said() throws IOException {
        load(scores("s.jsonl", FakeSession.LABELS, 20));
        ui.run(() -> desk.scores().promise(1));
        ui.await("the reason", () -> desk.scores().problem() != null);
        assertTrue(ui.get(() -> desk.scores().problem()).contains("this needs 299 good requests, and there are 10"));
        assertNotNull(ui.get(() -> desk.scores().prompts()));
    }

    @Test
    void scores_of_another_model_are_not_taken() throws IOException {
        Labels other =
                new Labels(List.of(FakeSession.LABELS.categories().get(0), new Category("safety", "another name")));
        Path file = scores("s.jsonl", FakeSession.LABELS, 20);
        new ScoreMeta("fake", null, null, 1, other, FakeSession.READOUT, "data", null, null, null)
                .write(ScoreMeta.beside(file));
        load(file);
        assertTrue(ui.get(() -> desk.scores().problem()).contains("another model"));
        assertNull(ui.get(() -> desk.scores().prompts()));
    }
}
