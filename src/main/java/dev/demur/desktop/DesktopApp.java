package dev.demur.desktop;

import dev.demur.DemurException;
import dev.demur.desktop.model.DataFolder;
import dev.demur.desktop.model.DemurSession;
import dev.demur.desktop.model.Desk;
import dev.demur.desktop.model.Settings;
import dev.demur.desktop.model.Surroundings;
import dev.demur.desktop.model.Texts;
import java.awt.AWTError;
import java.awt.EventQueue;
import java.awt.GraphicsEnvironment;
import java.awt.Toolkit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import javax.swing.SwingUtilities;
import org.jspecify.annotations.Nullable;

/** Opens the window and waits until it is closed. */
public final class DesktopApp {

    private DesktopApp() {}

    /**
     * What the application is started with.
     *
     * @param folder where it keeps conversations and settings; null: where this system keeps such things
     * @param model the model to load; null: the one of the last time, else the bundled one
     * @param bundled the bundled model; null: there is none
     * @param language {@code en} or {@code de}; null: as it was chosen, else that of the system
     * @param surroundings what there is beside the library
     */
    public record Options(
            @Nullable Path folder,
            @Nullable Path model,
            @Nullable Path bundled,
            @Nullable String language,
            Surroundings surroundings) {}

    /**
     * Runs the application.
     *
     * @throws DemurException if there is no display, or its folder cannot be used; the message says what to do
     */
    public static void run(Options options) {
        requireDisplay();
        Texts first = Texts.of(locale(options.language()));
        Path place = options.folder() == null ? DataFolder.usual() : options.folder();
        try (DataFolder folder = DataFolder.open(place, first)) {
            run(folder, options);
        }
    }

    private static Locale locale(@Nullable String language) {
        return language == null ? Locale.getDefault() : Locale.forLanguageTag(language);
    }

    private static void run(DataFolder folder, Options options) {
        CountDownLatch closed = new CountDownLatch(1);
        AtomicReference<@Nullable Desk> desk = new AtomicReference<>();
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        EventQueue.invokeLater(() -> {
            try {
                Desk opened = open(folder, options);
                desk.set(opened);
                new MainWindow(opened, FileChoice.DIALOGS, closed::countDown).show();
                opened.start(options.model());
            } catch (IOException | RuntimeException | LinkageError e) {
                failure.set(e);
                closed.countDown();
            }
        });
        try {
            closed.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Desk opened = desk.get();
        if (opened != null) {
            opened.close();
        }
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new DemurException("the window cannot be opened: " + thrown, thrown);
        }
    }

    private static Desk open(DataFolder folder, Options options) throws IOException {
        String remembered =
                Settings.read(folder.path().resolve("settings.json")).text("language");
        String language = options.language() == null ? remembered : options.language();
        Locale locale = locale(language);
        Locale.setDefault(locale); // for the dialogs that Java brings
        return new Desk(
                folder,
                Texts.of(locale),
                options.bundled(),
                DemurSession::load,
                options.surroundings(),
                SwingUtilities::invokeLater);
    }

    /** There must be a screen, and a Java that can draw on it. */
    private static void requireDisplay() {
        String how = "start it in a graphical session, or use demur chat in this terminal";
        try {
            if (GraphicsEnvironment.isHeadless()) {
                throw new DemurException(
                        "demur desktop needs a display and there is none here (DISPLAY is not set, or this Java is a"
                                + " headless one): " + how);
            }
            Toolkit.getDefaultToolkit();
        } catch (AWTError | LinkageError e) {
            throw new DemurException("demur desktop cannot open a window here (" + e.getMessage() + "): " + how, e);
        }
    }
}
