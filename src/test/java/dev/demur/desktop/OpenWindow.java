package dev.demur.desktop;

import dev.demur.desktop.model.DataFolder;
import dev.demur.desktop.model.DemurSession;
import dev.demur.desktop.model.Desk;
import dev.demur.desktop.model.FakeServer;
import dev.demur.desktop.model.FakeSession;
import dev.demur.desktop.model.ModelSession;
import dev.demur.desktop.model.Models;
import dev.demur.desktop.model.PromptFiles;
import dev.demur.desktop.model.Surroundings;
import dev.demur.desktop.model.Texts;
import java.awt.Component;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import javax.swing.JFrame;
import javax.swing.SwingUtilities;

/**
 * The application's window as a test opens it: with a folder of its own, and files that are chosen beforehand. As {@code
 * OpenWindow.in(temp).model(file).ready()}.
 */
final class OpenWindow implements AutoCloseable {

    /** What is opened: in English, with a {@link FakeSession} and without a server, unless it is told otherwise. */
    static final class Opening {

        private final Path data;
        private Texts texts = Texts.of(Locale.ENGLISH);
        private Path model = Path.of("fake.gguf");
        private Models.Loader loader = (file, options) -> new FakeSession();
        private Surroundings surroundings = Surroundings.LIBRARY;

        private Opening(Path data) {
            this.data = data;
        }

        Opening texts(Texts chosen) {
            texts = chosen;
            return this;
        }

        /** A model in a file, loaded by the library. */
        Opening model(Path file) {
            model = file;
            loader = DemurSession::load;
            return this;
        }

        Opening session(ModelSession session) {
            return loader((file, options) -> session);
        }

        Opening loader(Models.Loader chosen) {
            loader = chosen;
            return this;
        }

        /** With a server that can be switched on, and that nobody can ask. */
        Opening withServer() {
            surroundings = new Surroundings(PromptFiles.JSON_LINES, new FakeServer());
            return this;
        }

        /** The window, whose model is still to come. */
        OpenWindow open() throws IOException {
            return new OpenWindow(this);
        }

        /** The window, once its model is there. */
        OpenWindow ready() throws IOException {
            OpenWindow open = open();
            Driving.await("the model", () -> open.desk.models().session() != null);
            return open;
        }
    }

    /** A window whose data lie in a folder under this one, which other windows of the test find again. */
    static Opening in(Path temp) {
        return new Opening(temp.resolve("data"));
    }

    final Desk desk;
    final MainWindow window;
    final Deque<Path> chosen = new ArrayDeque<>();
    final CountDownLatch closed = new CountDownLatch(1);
    private final DataFolder folder;

    private OpenWindow(Opening how) throws IOException {
        folder = DataFolder.open(how.data, how.texts);
        desk = Driving.onEdt(() ->
                new Desk(folder, how.texts, how.model, how.loader, how.surroundings, SwingUtilities::invokeLater));
        window = Driving.onEdt(() -> {
            MainWindow made = new MainWindow(desk, choice(), closed::countDown);
            made.show();
            desk.start(null);
            return made;
        });
    }

    private FileChoice choice() {
        return new FileChoice() {
            @Override
            public Path open(Component parent, String title, String kind, Path start, String... endings) {
                return chosen.poll();
            }

            @Override
            public Path save(Component parent, String title, Path suggestion) {
                return chosen.poll();
            }
        };
    }

    JFrame frame() {
        return window.frame();
    }

    /** Writes a message and sends it, and waits until it is answered. */
    void ask(String prompt) {
        Driving.type(frame(), "composer", prompt);
        Driving.click(frame(), "send");
        Driving.await("the answer", () -> !desk.answers().isRunning());
    }

    @Override
    public void close() {
        Driving.run(frame()::dispose);
        desk.close();
        folder.close();
    }
}
