package dev.demur.desktop.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.LoadOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How models are looked at and loaded. */
class ModelsTest {

    private static final Texts TEXTS = Texts.of(Locale.ENGLISH);
    private static final Path TINY = Path.of("models/demur-tiny.gguf");

    @TempDir
    Path temp;

    private final UserInterface ui = new UserInterface();
    private final ExecutorService work = Executors.newSingleThreadExecutor();
    private final List<LoadOptions> loads = new ArrayList<>();
    private volatile CountDownLatch gate = new CountDownLatch(0);
    private volatile RuntimeException failure;
    private Models models;

    @BeforeEach
    void open() throws IOException {
        models = new Models(TEXTS, Settings.read(temp.resolve("settings.json")), this::load, ui, work);
    }

    private ModelSession load(Path file, LoadOptions options) {
        loads.add(options);
        options.progress().accept(0.5);
        while (gate.getCount() > 0) {
            options.cancellation().throwIfCancelled("loading");
            Thread.onSpinWait();
        }
        if (failure != null) {
            throw failure;
        }
        return new FakeSession();
    }

    @AfterEach
    void close() {
        gate.countDown();
        work.shutdownNow();
        ui.close();
    }

    @Test
    void a_load_tells_its_progress_and_is_cancelled() {
        gate = new CountDownLatch(1);
        ui.run(() -> models.open(TINY, null));
        ui.await("progress", () -> models.state() instanceof ModelState.Loading loading && loading.progress() == 0.5);
        ui.run(models::cancel);
        ui.await("the end", () -> models.state() instanceof ModelState.None);
        assertNull(ui.get(models::session));
    }

    @Test
    void a_load_that_fails_says_why_and_the_model_before_stays() {
        ui.run(() -> models.open(TINY, null));
        ui.await("the model", () -> models.session() != null);
        ModelSession before = ui.get(models::session);
        failure = new DemurException("no such thing");
        ui.run(() -> models.open(Path.of("other.gguf"), null));
        ui.await("the failure", () -> models.state() instanceof ModelState.Failed);
        assertEquals("no such thing", ((ModelState.Failed) ui.get(models::state)).problem());
        ui.run(models::back);
        assertInstanceOf(ModelState.Ready.class, ui.get(models::state));
        assertEquals(before, ui.get(models::session));
    }

    @Test
    void a_model_is_loaded_as_it_was_set_and_by_what_it_was_decided_by() {
        ui.run(() -> models.setLoading(3, 2048, true));
        ui.run(() -> models.open(Path.of("fake.gguf"), "ask"));
        ui.await("the model", () -> models.session() != null);
        ui.run(models::reload);
        ui.await("the model", () -> loads.size() == 2 && models.state() instanceof ModelState.Ready);
        for (LoadOptions options : loads) {
            assertEquals(3, options.threads());
            assertEquals(2048, options.contextSize());
            assertEquals(0, options.gpuLayers());
            assertEquals("ask", options.readout());
        }
        assertEquals(List.of(Path.of("fake.gguf").toAbsolutePath()), ui.get(models::recent));
    }

    @Test
    void a_model_file_tells_what_it_needs_before_it_is_loaded() throws IOException {
        ModelCheck check = ModelCheck.of(TINY, null, 0, TEXTS);
        assertNull(check.missing());
        assertTrue(check.needed() > Files.size(TINY), check.toString());
        assertTrue(ModelCheck.of(TINY, null, 100_000, TEXTS).needed() > check.needed());
    }

    @Test
    void a_file_that_is_no_model_says_why() throws IOException {
        Path bad = Files.writeString(temp.resolve("bad.gguf"), "no model");
        DemurException e = assertThrows(DemurException.class, () -> ModelCheck.of(bad, null, 0, TEXTS));
        assertTrue(e.getMessage().contains("bad.gguf"), e.getMessage());
        List<String> problems = new ArrayList<>();
        ui.run(() -> models.check(bad, found -> {}, problems::add));
        ui.await("the problem", () -> !problems.isEmpty());
        assertNotNull(problems.get(0));
    }
}
