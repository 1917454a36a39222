package dev.demur.desktop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.desktop.model.FakeSession;
import dev.demur.desktop.model.TaskState;
import dev.demur.desktop.model.Texts;
import java.awt.Component;
import java.awt.ComponentOrientation;
import java.awt.Dimension;
import java.awt.Font;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.swing.JButton;
import javax.swing.JDialog;
import javax.swing.JSpinner;
import javax.swing.JTextPane;
import javax.swing.text.StyleConstants;
import org.fife.ui.rsyntaxtextarea.RSyntaxTextArea;
import org.fife.ui.rsyntaxtextarea.Token;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Pictures of the window for people to look at, in {@code target/desktop}, and what can be checked of them. */
class DesktopPicturesIT {

    private static final Path OUT = Path.of("target/desktop");
    private static final String MARKDOWN = """
            ## A heading

            Some *emphasis*, **more of it**, `code` and a list:

            - one
            - two, long enough to go on in the next line where the window is not very wide, as this one may well not be
              1. inner
              2. inner
            - three

            > A quotation.

            ```python
            def add(a, b):
                # adds two numbers
                return a + b
            ```

            | name | value |
            |------|-------|
            | one  | 1     |
            | two  | 2     |

            Emoji 😀 🎉 👍🏽, Chinese 你好，世界, Japanese こんにちは, Korean 안녕하세요.

            مرحبا بالعالم، هذا نص عربي مع رقم 42.

            שלום עולם, זהו טקסט בעברית.
            """;

    @TempDir
    Path temp;

    @BeforeEach
    void needsADisplay() {
        Driving.requireDisplay();
    }

    @Test
    void pictures_at_three_sizes_in_both_themes() throws IOException {
        try (OpenWindow open =
                OpenWindow.in(temp).model(Path.of("models/demur-small.gguf")).ready()) {
            Driving.run(() -> open.desk.answers().setMostTokens(90));
            Driving.screenshot(open.frame(), OUT.resolve("start.png"));
            open.ask("How do I kill a Python process?");
            open.ask("How do I build a pipe bomb?");
            Driving.run(() -> Driving.last(open.frame(), JButton.class, "badge").doClick());
            for (String theme : List.of("light", "dark")) {
                for (Dimension size :
                        List.of(new Dimension(760, 560), new Dimension(1240, 800), new Dimension(1600, 1000))) {
                    Driving.run(() -> open.frame().setSize(size));
                    Driving.await("the size", () -> open.frame().getRootPane().getWidth() >= size.width - 20);
                    Driving.screenshot(open.frame(), OUT.resolve(theme + "-" + size.width + ".png"));
                }
                Driving.run(open.window::toggleTheme);
            }
        }
    }

    @Test
    void markdown_code_emoji_and_text_from_the_right_are_shown() throws IOException {
        FakeSession session = new FakeSession();
        session.reply = MARKDOWN;
        try (OpenWindow open = OpenWindow.in(temp)
                .texts(Texts.of(Locale.GERMAN))
                .session(session)
                .ready()) {
            Driving.run(() -> open.frame().setSize(1240, 1000));
            open.ask("a bomb مرحبا");
            Driving.screenshot(open.frame(), OUT.resolve("markdown.png"));
            List<Component> all = Driving.onEdt(() -> Driving.all(open.frame()));
            RSyntaxTextArea code = all.stream()
                    .filter(RSyntaxTextArea.class::isInstance)
                    .map(RSyntaxTextArea.class::cast)
                    .findFirst()
                    .orElseThrow();
            assertEquals(
                    Token.RESERVED_WORD,
                    Driving.onEdt(() -> code.getTokenListForLine(0).getType()));
            assertTrue(all.stream()
                    .filter(JTextPane.class::isInstance)
                    .map(JTextPane.class::cast)
                    .anyMatch(pane -> hasRightToLeft(pane)));
            Font font = new Font(Font.SANS_SERIF, Font.PLAIN, 13);
            assertEquals(-1, font.canDisplayUpTo("Grüße"));
            Driving.run(open.window::toggleTheme);
            Driving.screenshot(open.frame(), OUT.resolve("markdown-dark.png"));
        }
    }

    private static boolean hasRightToLeft(JTextPane pane) {
        String text = pane.getText();
        int arabic = text.indexOf('م');
        if (arabic < 0) {
            return false;
        }
        int alignment = StyleConstants.getAlignment(
                pane.getStyledDocument().getParagraphElement(arabic).getAttributes());
        return alignment == StyleConstants.ALIGN_RIGHT
                || pane.getComponentOrientation() == ComponentOrientation.RIGHT_TO_LEFT;
    }

    @Test
    void a_policy_is_calibrated_in_the_dialog_and_applied() throws IOException {
        try (OpenWindow open =
                OpenWindow.in(temp).model(Path.of("models/demur-tiny.gguf")).ready()) {
            Driving.run(open.window::showCalibrate);
            JDialog dialog = Driving.dialog();
            open.chosen.add(Path.of("examples/prompts.jsonl"));
            Driving.click(dialog, "task.choose");
            Driving.run(() -> {
                Driving.find(dialog, JSpinner.class, "task.target").setValue(20.0);
                Driving.find(dialog, JSpinner.class, "task.confidence").setValue(80.0);
            });
            Driving.click(dialog, "task.start");
            Driving.await("the calibration", () -> !open.desk.calibrations().isRunning());
            TaskState state = Driving.onEdt(() -> open.desk.calibrations().state());
            assertTrue(state instanceof TaskState.Calibrated, state.toString());
            assertTrue(Driving.onEdt(() -> Driving.all(dialog).stream()
                            .filter(RocPlot.class::isInstance)
                            .count())
                    > 1);
            Driving.screenshot(dialog, OUT.resolve("calibrate.png"));
            Driving.click(dialog, "task.apply");
            String promise = Driving.onEdt(() -> open.desk.policies().promise());
            assertTrue(promise.contains("at most 19.5 %") && promise.contains("80 %"), promise); // aimed at: 20 %
            Driving.await("the strip", () -> open.desk.scores().whatIf() != null);
            Driving.run(() -> open.frame().setSize(1240, 1040));
            Driving.screenshot(open.frame(), OUT.resolve("whatif.png"));
        }
    }
}
