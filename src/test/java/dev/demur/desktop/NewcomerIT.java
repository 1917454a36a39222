package dev.demur.desktop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.desktop.model.FakeSession;
import dev.demur.desktop.model.Models;
import dev.demur.desktop.model.ServerState;
import dev.demur.desktop.model.TaskState;
import dev.demur.desktop.model.Texts;
import java.awt.Component;
import java.awt.Container;
import java.awt.datatransfer.DataFlavor;
import java.awt.datatransfer.StringSelection;
import java.awt.datatransfer.Transferable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import javax.swing.AbstractButton;
import javax.swing.JComponent;
import javax.swing.JDialog;
import javax.swing.JLabel;
import javax.swing.JRootPane;
import javax.swing.JSpinner;
import javax.swing.JTextArea;
import javax.swing.TransferHandler;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody does who has the window for the first time: drops files on it, is too fast for it, and reads it in German. */
class NewcomerIT {

    private static final Path TINY = Path.of("models/demur-tiny.gguf");

    /** Words that any English sentence has, and no German one. */
    private static final Pattern ENGLISH =
            Pattern.compile("\\b(the|and|is|are|of|with|not|this|that|most|should)\\b", Pattern.CASE_INSENSITIVE);

    @TempDir
    Path temp;

    @BeforeEach
    void needsADisplay() {
        Driving.requireDisplay();
    }

    private record Dropped(List<java.io.File> files) implements Transferable {

        @Override
        public DataFlavor[] getTransferDataFlavors() {
            return new DataFlavor[] {DataFlavor.javaFileListFlavor};
        }

        @Override
        public boolean isDataFlavorSupported(DataFlavor flavor) {
            return DataFlavor.javaFileListFlavor.equals(flavor);
        }

        @Override
        public Object getTransferData(DataFlavor flavor) {
            return files;
        }
    }

    private static boolean drop(OpenWindow open, Transferable what) {
        return Driving.onEdt(() -> {
            JRootPane root = open.frame().getRootPane();
            TransferHandler handler = root.getTransferHandler();
            TransferHandler.TransferSupport support = new TransferHandler.TransferSupport(root, what);
            return handler.canImport(support) && handler.importData(support);
        });
    }

    @Test
    void a_model_that_is_dropped_anywhere_on_the_window_is_loaded() throws IOException {
        Path other = Files.copy(TINY, temp.resolve("other.gguf"), StandardCopyOption.REPLACE_EXISTING);
        try (OpenWindow open = OpenWindow.in(temp).model(TINY).ready()) {
            open.ask("Hello");
            assertFalse(drop(open, new StringSelection("words")), "words are for where one writes");
            assertTrue(drop(open, new Dropped(List.of(other.toFile()))));
            JDialog dialog = Driving.dialog();
            String needs = Driving.onEdt(
                    () -> Driving.find(dialog, JTextArea.class, "question").getText());
            assertTrue(needs.contains("of memory"), needs);
            Driving.await("the text to be seen", () -> {
                JTextArea text = Driving.find(dialog, JTextArea.class, "question");
                return text.getHeight() >= text.getFontMetrics(text.getFont()).getHeight();
            });
            Driving.press(dialog, "Load");
            Driving.await(
                    "the other model", () -> open.desk.models().session().file().equals(other));

            List<String> takers = Driving.onEdt(() -> Driving.all(open.frame()).stream()
                    .filter(Component::isShowing)
                    .filter(component -> !takesFiles(component))
                    .map(component -> component.getClass().getName() + " " + component.getName())
                    .toList());
            assertEquals(List.of(), takers, "what takes a drop from the window");
        }
    }

    /** A drop is for the nearest component that has a target for it. */
    private static boolean takesFiles(Component component) {
        for (Component at = component; at != null; at = at.getParent()) {
            if (at.getDropTarget() != null) {
                return at instanceof JRootPane;
            }
        }
        return true;
    }

    @Test
    void what_is_sent_before_the_model_is_there_goes_out_once_it_is() throws IOException {
        CountDownLatch gate = new CountDownLatch(1);
        Models.Loader waits = (file, options) -> {
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return new FakeSession();
        };
        try (OpenWindow open = OpenWindow.in(temp).loader(waits).open()) {
            Driving.type(open.frame(), "composer", "Hello");
            Driving.run(() -> {
                JTextArea area = Driving.find(open.frame(), JTextArea.class, "composer");
                area.getActionMap().get("demur.send").actionPerformed(null);
            });
            assertTrue(Driving.onEdt(() ->
                    Driving.find(open.frame(), JLabel.class, "composer.waiting").isVisible()));
            assertTrue(Driving.onEdt(() -> open.desk.chats().current().isEmpty()));
            gate.countDown();
            Driving.await(
                    "the answer",
                    () -> open.desk.answers().last() != null
                            && open.desk.answers().last().answer() != null
                            && !open.desk.answers().isRunning());
            assertEquals(
                    "",
                    Driving.onEdt(() -> Driving.find(open.frame(), JTextArea.class, "composer")
                            .getText()));
        }
    }

    @Test
    void the_german_window_has_no_english_sentence() throws IOException {
        try (OpenWindow open = OpenWindow.in(temp)
                .texts(Texts.of(Locale.GERMAN))
                .model(TINY)
                .withServer()
                .ready()) {
            List<String> english = new ArrayList<>();
            int begun = english(open.frame(), english);
            Driving.run(() -> open.desk.answers().setMostTokens(4));
            open.ask("Wer?");
            Driving.run(open.window::showCalibrate);
            JDialog calibrate = Driving.dialog();
            open.chosen.add(Path.of("examples/prompts.jsonl"));
            Driving.click(calibrate, "task.choose");
            for (double target : new double[] {0.5, 20}) {
                // The first promise needs more prompts than there are, which is said.
                Driving.run(() -> {
                    Driving.find(calibrate, JSpinner.class, "task.target").setValue(target);
                    Driving.find(calibrate, JSpinner.class, "task.confidence").setValue(80.0);
                });
                Driving.click(calibrate, "task.start");
                Driving.await("the calibration", () -> !open.desk.calibrations().isRunning());
                assertTrue(Driving.onEdt(() -> open.desk.calibrations().state()) instanceof TaskState.Calibrated);
                english(calibrate, english);
            }
            Driving.click(calibrate, "task.apply");
            Driving.await("the strip", () -> open.desk.scores().whatIf() != null);
            Driving.run(() -> open.desk.server().start(0));
            Driving.await("the server", () -> open.desk.server().state() instanceof ServerState.On);
            Driving.run(open.window::showServer);
            JDialog server = Driving.dialog();
            english(server, english);
            assertTrue(english(open.frame(), english) > begun);
            assertEquals(List.of(), english);
            Driving.run(() -> {
                server.dispose();
                calibrate.dispose();
            });
        }
    }

    /** Adds the English texts that a window shows, and says how many texts it shows at all. */
    private static int english(Container window, List<String> found) {
        return Driving.onEdt(() -> {
            int seen = 0;
            for (Component component : Driving.all(window)) {
                boolean message = within(component, "transcript");
                List<String> texts = new ArrayList<>();
                if (component instanceof JLabel label) {
                    texts.add(label.getText());
                } else if (component instanceof AbstractButton button) {
                    texts.add(button.getText());
                } else if (component instanceof JTextArea area && !area.isEditable()) {
                    texts.add(area.getText());
                }
                if (component instanceof JComponent one) {
                    texts.add(one.getToolTipText());
                    texts.add(one.getAccessibleContext().getAccessibleName());
                    texts.add(one.getAccessibleContext().getAccessibleDescription());
                }
                for (String text : texts) {
                    if (text != null && !text.isBlank() && !message) {
                        seen++;
                        if (ENGLISH.matcher(text).find()) {
                            found.add(component.getClass().getSimpleName() + " " + component.getName() + ": " + text);
                        }
                    }
                }
            }
            return seen;
        });
    }

    /** Messages are in the language that they are written in. */
    private static boolean within(Component component, String name) {
        for (Component at = component; at != null; at = at.getParent()) {
            if (name.equals(at.getName())) {
                return true;
            }
        }
        return false;
    }
}
