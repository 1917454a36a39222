package dev.demur.desktop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.desktop.model.FakeSession;
import java.awt.AWTEvent;
import java.awt.EventQueue;
import java.awt.Toolkit;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How long the event thread is busy with one event while a long answer is written: a click waits for that. It is told in the
 * thread's own time, so that other programs do not count.
 */
class LongAnswerIT {

    private static final double MOST_MILLIS = 100;
    private static final int CHARACTERS = 24_000;

    /** An event costs more the longer the answer is: so much of it comes faster than word by word. */
    private static final int BEGINNING = 18_000;

    private static final int WORDS_AT_ONCE = 8;

    @TempDir
    Path temp;

    @BeforeEach
    void needsADisplay() {
        Driving.requireDisplay();
    }

    /** Measures each event that is dispatched. */
    private static final class Measuring extends EventQueue {

        private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        private final List<Double> millis = new ArrayList<>();

        @Override
        protected void dispatchEvent(AWTEvent event) {
            long before = threads.getCurrentThreadCpuTime();
            super.dispatchEvent(event);
            millis.add((threads.getCurrentThreadCpuTime() - before) / 1e6);
        }

        void end() {
            pop();
        }
    }

    /** A text of some kind, as long as a long answer, in the pieces in which it comes. */
    private static List<String> pieces(String kind) {
        StringBuilder text = new StringBuilder();
        int n = 0;
        if (kind.equals("code")) {
            text.append("```python\n");
        }
        while (text.length() < CHARACTERS) {
            n++;
            switch (kind) {
                case "paragraphs" ->
                    text.append("This is *sentence* ").append(n).append(" of the answer, with `code`. ");
                case "list" ->
                    text.append(n)
                            .append(". The item that has the number ")
                            .append(n)
                            .append("\n");
                case "code" ->
                    text.append("    value_")
                            .append(n)
                            .append(" = compute(")
                            .append(n)
                            .append(")  # why\n");
                case "one paragraph" -> text.append("and so it goes on ");
                default -> text.append("| a | ").append(n).append(" |\n").append(n == 1 ? "|---|---|\n" : "");
            }
            if (kind.equals("paragraphs") && n % 6 == 0) {
                text.append("\n\n");
            }
        }
        List<String> pieces = new ArrayList<>();
        StringBuilder piece = new StringBuilder();
        int length = 0;
        int words = 0;
        for (String word : text.toString().split("(?<=[ \n])")) {
            piece.append(word);
            length += word.length();
            if (++words % WORDS_AT_ONCE == 0 || length > BEGINNING) {
                pieces.add(piece.toString());
                piece.setLength(0);
            }
        }
        pieces.add(piece.toString());
        return pieces;
    }

    /**
     * The best of three, because what is not compiled yet takes several times as long, and where the compiler has no processor
     * that lasts; an event that does too much takes too long each time.
     */
    @ParameterizedTest
    @ValueSource(strings = {"paragraphs", "list", "code", "one paragraph", "table"})
    void no_event_keeps_the_event_thread_longer_than_a_click_may_wait(String kind) throws IOException {
        double longest = Double.MAX_VALUE;
        for (int i = 0; i < 3 && longest > MOST_MILLIS; i++) {
            longest = Math.min(longest, longestEvent(kind, temp.resolve("try-" + i)));
        }
        assertTrue(longest <= MOST_MILLIS, kind + ": the longest of all events took " + longest + " ms each time");
    }

    private static double longestEvent(String kind, Path folder) throws IOException {
        FakeSession session = new FakeSession();
        session.words = pieces(kind);
        session.pace = 1;
        try (OpenWindow open = OpenWindow.in(folder).session(session).ready()) {
            Measuring measuring = new Measuring();
            Toolkit.getDefaultToolkit().getSystemEventQueue().push(measuring);
            open.ask("Hello");
            Driving.run(measuring::end);
            assertEquals(
                    CHARACTERS,
                    Driving.onEdt(() -> open.desk.answers().last().text().length()),
                    200);
            double[] all =
                    measuring.millis.stream().mapToDouble(Double::doubleValue).toArray();
            Arrays.sort(all);
            System.out.printf(
                    Locale.ROOT,
                    "%s: of %d events the longest took %.1f ms, 99 of 100 at most %.1f ms%n",
                    kind,
                    all.length,
                    all[all.length - 1],
                    all[(int) (all.length * 0.99)]);
            return all[all.length - 1];
        }
    }

    /** By a model with a calibrated policy, whose promise is told with every step. */
    @Test
    void no_step_of_a_slider_keeps_the_event_thread_longer() throws IOException {
        try (OpenWindow open =
                OpenWindow.in(temp).model(Path.of("models/demur-small.gguf")).ready()) {
            Driving.run(() -> open.desk.answers().setMostTokens(1));
            open.ask("Hello");
            Measuring measuring = new Measuring();
            Toolkit.getDefaultToolkit().getSystemEventQueue().push(measuring);
            for (int i = 0; i < 60; i++) {
                int value = i * 15;
                Driving.run(() -> Driving.find(open.frame(), ThresholdBar.class, "threshold.safety")
                        .setValue(value));
                if (i % 5 == 0) {
                    Driving.run(() -> open.desk.policies().reset()); // to what has a promise
                }
            }
            Driving.run(measuring::end);
            double[] all =
                    measuring.millis.stream().mapToDouble(Double::doubleValue).toArray();
            Arrays.sort(all);
            String measured = String.format(
                    Locale.ROOT,
                    "sliders: of %d events the longest took %.1f ms, 9 of 10 at most %.1f ms",
                    all.length,
                    all[all.length - 1],
                    all[(int) (all.length * 0.9)]);
            System.out.println(measured);
            assertTrue(all[all.length - 1] <= MOST_MILLIS, measured);
        }
    }
}
