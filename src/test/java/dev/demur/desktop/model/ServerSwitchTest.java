package dev.demur.desktop.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The switch of the local server: what it starts, what answers and what it says. */
class ServerSwitchTest {

    private static final Texts TEXTS = Texts.of(Locale.ENGLISH);

    @TempDir
    Path temp;

    private final UserInterface ui = new UserInterface();
    private final FakeServer server = new FakeServer();
    private final List<FakeSession> sessions = new ArrayList<>();
    private DataFolder folder;
    private Desk desk;

    @BeforeEach
    void open() throws IOException {
        folder = DataFolder.open(temp.resolve("data"), TEXTS);
        desk = ui.get(() -> new Desk(
                folder,
                TEXTS,
                null,
                (file, options) -> session(),
                new Surroundings(PromptFiles.JSON_LINES, server),
                ui));
    }

    private ModelSession session() {
        FakeSession made = new FakeSession();
        sessions.add(made);
        return made;
    }

    @AfterEach
    void close() {
        desk.close();
        folder.close();
        ui.close();
    }

    private void load() {
        int before = sessions.size();
        ui.run(() -> desk.start(Path.of("fake.gguf")));
        ui.await("the model", () -> desk.models().state() instanceof ModelState.Ready && sessions.size() > before);
    }

    private ServerState start(int port) {
        ui.run(() -> desk.server().start(port));
        ui.await("the server", () -> !(desk.server().state() instanceof ServerState.Starting));
        return ui.get(() -> desk.server().state());
    }

    @Test
    void it_answers_by_the_policy_as_the_sliders_show_it_and_by_the_model_that_is_loaded() {
        load();
        ServerState.On on = (ServerState.On) start(1234);
        assertEquals("http://127.0.0.1:1234/v1", on.address());
        FakeSession first = sessions.get(0);
        assertEquals(List.of(ui.get(() -> desk.policies().policy())), first.served);

        ui.run(() -> desk.policies().setThreshold("safety", 0.9));
        assertEquals(2, first.served.size());
        assertEquals(0.9, first.served.get(1).category("safety").orElseThrow().threshold());

        ui.run(() -> desk.models().open(Path.of("fake.gguf"), null));
        ui.await("the other model", () -> sessions.size() == 2 && desk.models().session() == sessions.get(1));
        assertEquals(1, sessions.get(1).served.size());
        ui.await("the first one to be closed", () -> first.closed);

        server.answered.run();
        ui.await("the count", () -> desk.server().answered() == 1);
        ui.run(() -> desk.server().stop());
        ui.await("the end", () -> desk.server().state() instanceof ServerState.Off);
        assertEquals(1, server.closed.get());
        ui.run(() -> desk.policies().setThreshold("safety", 0.8));
        assertEquals(1, sessions.get(1).served.size(), "a server that was stopped hears nothing more");
    }

    @Test
    void the_token_is_for_this_user_alone_and_stays_from_one_start_to_the_next() throws IOException {
        load();
        ServerState.On on = (ServerState.On) start(1234);
        assertEquals(64, on.token().length());
        assertEquals(on.token(), Files.readString(server.token).strip());
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(server.token)));
        }
        assertFalse(on.toString().contains(on.token()));
        ui.run(() -> desk.server().stop());
        ui.await("the end", () -> desk.server().canStart());
        assertEquals(on.token(), ((ServerState.On) start(0)).token());
        assertEquals(0, ui.get(() -> desk.server().port()));
    }

    @Test
    void a_port_that_is_taken_is_said_and_another_one_can_be_tried() {
        load();
        ServerState.Failed failed = (ServerState.Failed) start(FakeServer.TAKEN);
        assertEquals(
                "Another program listens at port 4444. Choose another port, or 0 for any that is free.",
                failed.problem());
        assertTrue(start(0) instanceof ServerState.On);
    }

    @Test
    void without_a_model_it_is_not_started_and_closing_the_window_stops_it() {
        ui.run(() -> desk.server().start(0));
        assertTrue(ui.get(() -> desk.server().state()) instanceof ServerState.Off);
        load();
        start(0);
        desk.close();
        assertEquals(server.started.get(), server.closed.get());
    }
}
