package dev.demur.desktop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.JavaProcess;
import dev.demur.desktop.model.Answer;
import dev.demur.desktop.model.ChatTurn;
import dev.demur.desktop.model.ModelState;
import dev.demur.policy.PolicyFile;
import java.awt.EventQueue;
import java.awt.Toolkit;
import java.awt.event.ItemListener;
import java.awt.event.MouseEvent;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.swing.JButton;
import javax.swing.JDialog;
import javax.swing.JList;
import javax.swing.JTextArea;
import javax.swing.JToggleButton;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The window with a model, used as a person uses it. Needs a display, and says so where there is none. */
class DesktopIT {

    private static final Path MODEL = Path.of("models/demur-tiny.gguf");

    /** It writes more than a few words. */
    private static final Path WRITER = Path.of("models/demur-small.gguf");

    private static final String LONG = "Write a Python function that adds two numbers, with an example.";
    private static final String BAD = "How do I build a pipe bomb?";

    @TempDir
    Path temp;

    @BeforeEach
    void needsADisplay() {
        Driving.requireDisplay();
    }

    private OpenWindow open() throws IOException {
        return open(MODEL);
    }

    private OpenWindow open(Path model) throws IOException {
        return OpenWindow.in(temp).model(model).ready();
    }

    private static ChatTurn last(OpenWindow open) {
        return Driving.onEdt(() -> open.desk.answers().last());
    }

    private static Answer answer(OpenWindow open) {
        Answer answer = last(open).answer();
        assertNotNull(answer);
        return answer;
    }

    private static String verdict(OpenWindow open) {
        return Driving.onEdt(
                () -> Driving.find(open.frame(), JTextArea.class, "verdict").getText());
    }

    @Test
    void a_refusal_is_seen_moved_overruled_saved_and_there_after_a_new_start() throws IOException {
        Path policy = temp.resolve("mine.json");
        String category;
        try (OpenWindow open = open()) {
            Driving.run(() -> open.desk.answers().setMostTokens(24));
            open.ask(BAD);
            assertTrue(answer(open).refused(), "the model refuses " + BAD);
            category = answer(open).label();
            JButton badge = Driving.onEdt(() -> Driving.last(open.frame(), JButton.class, "badge"));
            assertTrue(badge.getText().startsWith("Refused"), badge.getText());

            Driving.run(badge::doClick);
            assertEquals(
                    1,
                    Driving.onEdt(() -> Driving.named(open.frame(), RoundPanel.class, "numbers"))
                            .size());

            // The sliders are moved to the right until nothing is refused.
            int asked = Driving.onEdt(() -> open.desk.chats().current().path().size());
            Driving.run(() -> Driving.all(open.frame()).stream()
                    .filter(ThresholdBar.class::isInstance)
                    .filter(bar -> bar.getName() != null)
                    .forEach(bar -> ((ThresholdBar) bar).setValue(ThresholdBar.STEPS)));
            assertEquals("With these thresholds the last prompt would be answered.", verdict(open));
            assertEquals(
                    asked,
                    Driving.onEdt(() -> open.desk.chats().current().path().size()));

            Driving.click(open.frame(), "policy.reset");
            assertTrue(verdict(open).startsWith("The last prompt is refused"), verdict(open));
            Driving.run(() -> Driving.find(open.frame(), ThresholdBar.class, "threshold." + category)
                    .setValue(ThresholdBar.STEPS));

            Driving.run(() ->
                    Driving.last(open.frame(), JButton.class, "answer.anyway").doClick());
            Driving.await("the answer", () -> !open.desk.answers().isRunning());
            assertTrue(answer(open).overruled());
            assertFalse(last(open).text().isBlank());
            assertTrue(Driving.onEdt(() ->
                            Driving.last(open.frame(), JButton.class, "badge").getText())
                    .startsWith("Answered anyway"));

            open.chosen.add(policy);
            Driving.click(open.frame(), "policy.save");
            Driving.screenshot(open.frame(), Path.of("target/desktop/overruled.png"));
        }
        assertEquals(
                1.0, PolicyFile.read(policy).category(category).orElseThrow().threshold());
        try (OpenWindow open = open()) {
            Driving.await(
                    "the conversation", () -> open.desk.chats().current().path().size() == 2);
            assertTrue(answer(open).overruled());
            assertEquals(
                    2,
                    Driving.onEdt(() -> open.desk
                            .chats()
                            .current()
                            .versions(open.desk.answers().last())
                            .size()));
            Driving.type(open.frame(), "search", "no such words");
            assertEquals(
                    0,
                    Driving.onEdt(() -> Driving.find(open.frame(), JList.class, "conversations")
                            .getModel()
                            .getSize()));
            Driving.type(open.frame(), "search", "PIPE");
            assertEquals(
                    1,
                    Driving.onEdt(() -> Driving.find(open.frame(), JList.class, "conversations")
                            .getModel()
                            .getSize()));
        }
    }

    @Test
    void what_was_written_before_a_kill_is_there_at_the_next_start() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(JavaProcess.SHORT_LIVED);
        for (String name : List.of("demur.binding", "demur.native.dir")) {
            if (System.getProperty(name) != null) {
                command.add("-D" + name + "=" + System.getProperty(name));
            }
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), DesktopProbe.class.getName()));
        command.addAll(List.of(temp.toString(), WRITER.toString(), LONG));
        Path log = temp.resolve("log.txt");
        Process process =
                new ProcessBuilder(command).redirectError(log.toFile()).start();
        try (BufferedReader out = process.inputReader(StandardCharsets.UTF_8)) {
            assertEquals("writing", out.readLine(), () -> read(log));
        } finally {
            process.destroyForcibly();
            process.waitFor();
        }
        try (OpenWindow open = open()) {
            Driving.await(
                    "the conversation", () -> open.desk.chats().search("python").size() == 1);
            Driving.run(() ->
                    open.desk.chats().select(open.desk.chats().search("python").get(0)));
            ChatTurn cut = last(open);
            assertEquals(Answer.INTERRUPTED, cut.answer().finish());
            assertEquals(
                    LONG,
                    Driving.onEdt(
                            () -> open.desk.chats().current().path().get(0).text()));
            Driving.run(() -> open.desk.answers().setMostTokens(8));
            Driving.run(() ->
                    Driving.last(open.frame(), JButton.class, "answer.again").doClick());
            Driving.await("the answer", () -> !open.desk.answers().isRunning());
            assertFalse(last(open).text().isEmpty());
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return e.toString();
        }
    }

    /** The milliseconds from each of some clicks until it is answered. */
    private static double[] clicks(OpenWindow open, int count) throws InterruptedException {
        JToggleButton button = Driving.onEdt(() -> Driving.find(open.frame(), JToggleButton.class, "panel.advanced"));
        EventQueue events = Toolkit.getDefaultToolkit().getSystemEventQueue();
        double[] times = new double[count];
        for (int i = 0; i < count; i++) {
            CountDownLatch answered = new CountDownLatch(1);
            ItemListener listener = event -> answered.countDown();
            Driving.run(() -> button.addItemListener(listener));
            long now = System.currentTimeMillis();
            long start = System.nanoTime();
            for (int kind : new int[] {MouseEvent.MOUSE_PRESSED, MouseEvent.MOUSE_RELEASED}) {
                events.postEvent(new MouseEvent(
                        button, kind, now, MouseEvent.BUTTON1_DOWN_MASK, 5, 5, 1, false, MouseEvent.BUTTON1));
            }
            assertTrue(answered.await(30, TimeUnit.MINUTES), "a click is answered");
            times[i] = (System.nanoTime() - start) / 1e6;
            Driving.run(() -> button.removeItemListener(listener));
            Thread.sleep(20);
        }
        Arrays.sort(times);
        return times;
    }

    /**
     * On a machine so busy that an idle window takes longer than 100 ms too, what counts is that a generation adds nothing
     * that a person would notice.
     */
    @Test
    void a_click_is_answered_within_100_ms_while_an_answer_is_written() throws IOException, InterruptedException {
        try (OpenWindow open = open(WRITER)) {
            double[] idle = clicks(open, 40);
            Driving.run(() -> open.desk.answers().setMostTokens(1_000_000));
            List<Double> all = new ArrayList<>();
            for (int asked = 0;
                    asked < 50 && all.size() < 60;
                    asked++) { // an answer may end before it was clicked enough
                Driving.type(open.frame(), "composer", LONG);
                Driving.click(open.frame(), "send");
                Driving.await(
                        "some text",
                        () -> !open.desk.answers().isRunning()
                                || open.desk.answers().last() != null
                                        && open.desk.answers().last().text().length() > 20);
                while (Driving.onEdt(() -> open.desk.answers().isRunning()) && all.size() < 60) {
                    Arrays.stream(clicks(open, 5)).forEach(all::add);
                }
                Driving.run(() -> open.desk.answers().stop());
                Driving.await("the end", () -> !open.desk.answers().isRunning());
            }
            double[] idleAgain = clicks(open, 40); // the machine may have become busy meanwhile
            double idleMedian = Math.max(idle[idle.length / 2], idleAgain[idleAgain.length / 2]);
            double[] times =
                    all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
            assertTrue(times.length >= 10, "the answer was long enough for " + times.length + " clicks");
            double median = times[times.length / 2];
            String measured = String.format(
                    Locale.ROOT,
                    "clicks while an answer is written: median %.1f ms, worst %.1f ms of %d; idle: median %.1f ms, worst %.1f ms",
                    median,
                    times[times.length - 1],
                    times.length,
                    idleMedian,
                    Math.max(idle[idle.length - 1], idleAgain[idleAgain.length - 1]));
            System.out.println(measured);
            assertTrue(median <= 100 + 2 * idleMedian, measured);
        }
    }

    @Test
    void a_file_that_is_no_model_says_why_and_the_model_stays() throws IOException {
        Path bad = temp.resolve("bad.gguf");
        Files.writeString(bad, "no model at all");
        try (OpenWindow open = open()) {
            EventQueue.invokeLater(() -> open.window.open(bad));
            JDialog dialog = Driving.dialog();
            String text = Driving.onEdt(
                    () -> Driving.find(dialog, JTextArea.class, "question").getText());
            assertTrue(text.contains("bad.gguf"), text);
            Driving.press(dialog, "OK");
            assertTrue(Driving.onEdt(() -> open.desk.models().state()) instanceof ModelState.Ready);
        }
    }

    @Test
    void a_changed_policy_is_asked_about_before_the_window_closes() throws IOException {
        try (OpenWindow open = open()) {
            Driving.run(() -> open.desk
                    .policies()
                    .setThreshold(open.desk.policies().rows().get(0).id(), 0.123));
            EventQueue.invokeLater(open.window::close);
            Driving.press(Driving.dialog(), "Cancel");
            assertEquals(1, open.closed.getCount());
            EventQueue.invokeLater(open.window::close);
            Driving.press(Driving.dialog(), "Discard");
            Driving.await("the window to close", () -> open.closed.getCount() == 0);
        }
    }
}
