package dev.demur.desktop;

import dev.demur.desktop.model.DataFolder;
import dev.demur.desktop.model.Desk;
import dev.demur.desktop.model.Models;
import dev.demur.desktop.model.Surroundings;
import dev.demur.desktop.model.Texts;
import java.awt.Component;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import javax.swing.JFrame;
import javax.swing.SwingUtilities;

/** The application's window as a test opens it: with a folder of its own, and files that are chosen beforehand. */
final class OpenWindow implements AutoCloseable {

    final Desk desk;
    final MainWindow window;
    final Deque<Path> chosen = new ArrayDeque<>();
    final CountDownLatch closed = new CountDownLatch(1);
    private final DataFolder folder;

    OpenWindow(Path data, Texts texts, Path model, Models.Loader loader) throws IOException {
        this(data, texts, model, loader, Surroundings.LIBRARY);
    }

    OpenWindow(Path data, Texts texts, Path model, Models.Loader loader, Surroundings surroundings) throws IOException {
        folder = DataFolder.open(data, texts);
        desk = Driving.onEdt(() -> new Desk(folder, texts, model, loader, surroundings, SwingUtilities::invokeLater));
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

    void awaitModel() {
        Driving.await("the model", () -> desk.models().session() != null);
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
