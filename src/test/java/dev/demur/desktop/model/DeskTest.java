package dev.demur.desktop.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.FinishReason;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Rule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the application does, without a window and with a model that is made up. */
class DeskTest {

    private static final Texts TEXTS = Texts.of(Locale.ENGLISH);

    @TempDir
    Path temp;

    private final UserInterface ui = new UserInterface();
    private final FakeSession session = new FakeSession();
    private final List<String> notices = new ArrayList<>();
    private int loads;
    private DataFolder folder;
    private Desk desk;

    @BeforeEach
    void open() throws IOException {
        folder = DataFolder.open(temp.resolve("data"), TEXTS);
        desk = ui.get(() -> new Desk(
                folder,
                TEXTS,
                null,
                (file, options) -> loads++ == 0 ? session : new FakeSession(),
                Surroundings.LIBRARY,
                ui));
        ui.run(() -> {
            desk.onNotice(notices::add);
            desk.start(Path.of("fake.gguf"));
        });
        ui.await("the model", () -> desk.models().session() != null);
    }

    @AfterEach
    void close() {
        desk.close();
        folder.close();
        ui.close();
    }

    /** As after a kill: nothing is closed, and another process reads what is on the disk. */
    private List<Chat> onDisk() throws IOException {
        return new ChatStore(temp.resolve("data/conversations")).read();
    }

    private void send(String text) {
        ui.run(() -> desk.answers().send(text));
        ui.await("the answer", () -> !desk.answers().isRunning());
    }

    private ChatTurn last() {
        return ui.get(() -> desk.answers().last());
    }

    private static Answer answer(ChatTurn turn) {
        assertNotNull(turn.answer());
        return turn.answer();
    }

    @Test
    void a_prompt_is_answered_and_a_refused_one_has_its_category_and_its_numbers() {
        send("Hello");
        assertEquals("One two three.", last().text());
        assertFalse(answer(last()).refused());
        send("a bomb");
        assertEquals(FakeSession.REPLY, last().text());
        assertEquals("safety", answer(last()).label());
        assertEquals(0.8, answer(last()).reading().probability("safety"));
        assertEquals(0.5, answer(last()).thresholds().get("safety"));
        assertEquals(FinishReason.FIXED_REPLY.id(), answer(last()).finish());
        assertEquals(23, ui.get(() -> desk.answers().used()));
        assertEquals(3.0, ui.get(() -> desk.answers().speed()));
    }

    @Test
    void the_model_is_told_what_was_decided_before() {
        send("a bomb");
        send("Hello");
        assertEquals(
                List.of(
                        Message.user("a bomb"),
                        Message.assistantAfter(FakeSession.REPLY, "safety"),
                        Message.user("Hello")),
                session.asked.get(1));
    }

    @Test
    void moving_a_threshold_decides_anew_without_asking_the_model() {
        send("a bomb");
        assertTrue(ui.get(() -> desk.policies().decision()) instanceof Decision.Refuse);
        ui.run(() -> desk.policies().setThreshold("safety", 0.9));
        assertTrue(ui.get(() -> desk.policies().decision()) instanceof Decision.Respond);
        ui.run(() -> desk.policies().setThreshold("safety", null));
        assertTrue(ui.get(() -> desk.policies().decision()) instanceof Decision.Respond);
        assertEquals(1, session.asked.size());
        assertEquals("safety", answer(last()).label(), "what was decided stays in the history");
    }

    @Test
    void a_refused_prompt_is_answered_anyway_and_the_history_says_so() throws IOException {
        send("a bomb");
        ChatTurn refused = last();
        ui.run(() -> desk.answers().answerAnyway(refused));
        ui.await("the answer", () -> !desk.answers().isRunning());
        assertEquals("One two three.", last().text());
        assertTrue(answer(last()).overruled());
        assertEquals("safety", answer(last()).refusedAs());
        ChatTurn shown = last();
        assertEquals(2, ui.get(() -> desk.chats().current().versions(shown)).size());
        assertEquals(
                0.5,
                ui.get(() -> desk.policies()
                        .policy()
                        .category("safety")
                        .orElseThrow()
                        .threshold()));
        desk.close();
        ChatTurn kept = onDisk().get(0).path().get(1);
        assertTrue(answer(kept).overruled());
        assertEquals("safety", answer(kept).refusedAs());
    }

    @Test
    void an_answer_that_is_stopped_keeps_what_there_is() {
        session.gate = new CountDownLatch(1);
        ui.run(() -> desk.answers().send("Hello"));
        ui.await("the first word", () -> desk.answers().last().text().equals("One"));
        ui.run(() -> desk.answers().stop());
        ui.await("the end", () -> !desk.answers().isRunning());
        assertEquals("One", last().text());
        assertEquals(FinishReason.CANCELLED.id(), answer(last()).finish());
    }

    @Test
    void a_kill_in_the_middle_of_an_answer_loses_neither_the_message_nor_what_was_decided() throws IOException {
        session.gate = new CountDownLatch(1);
        ui.run(() -> desk.answers().send("Hello"));
        ui.await("the first word", () -> desk.answers().last().text().equals("One"));
        ui.await("the disk", () -> {
            try {
                return !onDisk().isEmpty() && onDisk().get(0).path().size() == 2;
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        List<ChatTurn> path = onDisk().get(0).path();
        assertEquals("Hello", path.get(0).text());
        assertEquals(Answer.INTERRUPTED, answer(path.get(1)).finish());
        assertEquals(0.1, answer(path.get(1)).reading().probability("safety"));
        session.gate.countDown();
    }

    @Test
    void a_line_that_a_kill_cut_off_is_passed_over_and_the_next_one_is_not() throws IOException {
        send("Hello");
        desk.close();
        Path file;
        try (Stream<Path> files = Files.list(temp.resolve("data/conversations"))) {
            file = files.findFirst().orElseThrow();
        }
        Files.writeString(file, "{\"message\":\"x\",\"pare", StandardOpenOption.APPEND);
        Chat chat = onDisk().get(0);
        assertEquals(2, chat.path().size());
        new ChatStore(temp.resolve("data/conversations")).append(chat, ChatRecords.title("Named"));
        assertEquals("Named", onDisk().get(0).title());
        assertEquals(2, onDisk().get(0).path().size());
    }

    @Test
    void every_beginning_of_a_conversation_file_can_be_read() throws IOException {
        send("a bomb");
        send("Hello");
        desk.close();
        Path file;
        try (Stream<Path> files = Files.list(temp.resolve("data/conversations"))) {
            file = files.findFirst().orElseThrow();
        }
        byte[] whole = Files.readAllBytes(file);
        int most = 0;
        for (int length = 0; length <= whole.length; length = next(length, whole.length)) {
            Files.write(file, Arrays.copyOf(whole, length));
            List<Chat> chats = onDisk();
            int turns = chats.isEmpty() ? 0 : chats.get(0).path().size();
            assertTrue(turns >= most, "at " + length + " bytes a message is lost");
            most = turns;
        }
        assertEquals(4, most);
    }

    /** Some lengths on the way, and the last one. */
    private static int next(int length, int last) {
        return length == last ? last + 1 : Math.min(last, length + 41);
    }

    @Test
    void an_edited_message_is_a_branch_and_both_can_be_shown() throws IOException {
        send("Hello");
        ChatTurn first = ui.get(() -> desk.chats().current().path().get(0));
        ui.run(() -> desk.answers().edit(first, "a bomb"));
        ui.await("the answer", () -> !desk.answers().isRunning());
        assertEquals("safety", answer(last()).label());
        ChatTurn second = ui.get(() -> desk.chats().current().path().get(0));
        ui.run(() -> desk.chats().showVersion(second, -1));
        assertEquals("Hello", ui.get(() -> desk.chats().current().path().get(0).text()));
        assertEquals(List.of(Message.user("a bomb")), session.asked.get(1));
        desk.close();
        assertEquals("Hello", onDisk().get(0).path().get(0).text());
    }

    @Test
    void conversations_are_searched_named_deleted_and_kept_in_a_private_folder() throws IOException {
        send("Hello");
        ui.run(() -> desk.chats().begin());
        send("a bomb");
        assertEquals(1, ui.get(() -> desk.chats().search("BOMB")).size());
        assertEquals(1, ui.get(() -> desk.chats().search("rather not")).size());
        assertEquals(2, ui.get(() -> desk.chats().search("")).size());
        ui.run(() -> desk.chats().rename(desk.chats().current(), "Named"));
        desk.close();
        assertEquals(
                List.of("Named", "Hello"), onDisk().stream().map(Chat::title).toList());
        assertEquals(
                "rwx------",
                PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("data/conversations"))));
        try (Stream<Path> files = Files.list(temp.resolve("data/conversations"))) {
            for (Path file : files.toList()) {
                assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
            }
        }
    }

    @Test
    void a_deleted_conversation_is_gone() throws IOException {
        send("Hello");
        ui.run(() -> desk.chats().delete(desk.chats().current()));
        desk.close();
        assertEquals(List.of(), onDisk());
    }

    @Test
    void what_fails_is_told_and_the_next_prompt_is_answered() {
        session.failure = new DemurException("the context is full");
        send("Hello");
        assertEquals(List.of("the context is full"), ui.get(() -> List.copyOf(notices)));
        session.failure = null;
        ui.run(() -> desk.answers().regenerate(desk.answers().last()));
        ui.await("the answer", () -> !desk.answers().isRunning());
        assertEquals("One two three.", last().text());
    }

    @Test
    void another_temperature_needs_the_numbers_read_again_and_writes_nothing() {
        send("a bomb");
        ui.run(() -> desk.policies().setTemperature(2));
        assertNull(ui.get(() -> desk.policies().decision()));
        assertTrue(ui.get(() -> desk.policies().needsReading()));
        ui.run(() -> desk.answers().readAgain());
        ui.await("the numbers", () -> desk.policies().decision() != null);
        assertEquals(2, ui.get(() -> desk.chats().current().path()).size());
    }

    @Test
    void a_policy_is_saved_opened_and_reset_and_one_of_another_model_is_refused() throws IOException {
        Path file = temp.resolve("policy.json");
        assertFalse(ui.get(() -> desk.policies().isChanged()));
        ui.run(() -> desk.policies().setThreshold("safety", 0.9));
        assertTrue(ui.get(() -> desk.policies().isChanged()));
        ui.run(() -> desk.policies().save(file));
        assertFalse(ui.get(() -> desk.policies().isChanged()));
        assertEquals(0.9, PolicyFile.read(file).category("safety").orElseThrow().threshold());
        ui.run(() -> desk.policies().setThreshold("safety", 0.2));
        ui.run(() -> desk.policies().reset());
        assertEquals(
                0.9,
                ui.get(() -> desk.policies().policy())
                        .category("safety")
                        .orElseThrow()
                        .threshold());
        Path other = temp.resolve("other.json");
        Files.writeString(
                other,
                "{\"version\": 2, \"rule\": \"threshold\", \"categories\": [{\"id\": \"spam\", \"threshold\": 1}]}");
        DemurException e = assertThrows(
                DemurException.class, () -> ui.run(() -> desk.policies().open(other)));
        assertTrue(e.getMessage().contains("spam"), e.getMessage());
        ui.run(() -> desk.policies().open(file));
        assertEquals(List.of(file), ui.get(() -> desk.policies().recent()));
    }

    @Test
    void categories_that_a_policy_does_not_name_are_there_and_switched_off() throws IOException {
        Path file = temp.resolve("one.json");
        Files.writeString(
                file,
                "{\"version\": 2, \"rule\": \"threshold\", \"categories\": [{\"id\": \"safety\", \"threshold\": 1}]}");
        ui.run(() -> desk.policies().open(file));
        List<CategoryRow> rows = ui.get(() -> desk.policies().rows());
        assertEquals(
                List.of("incomplete", "safety"),
                rows.stream().map(CategoryRow::id).toList());
        assertNull(rows.get(0).threshold());
        ui.run(() -> desk.policies().setThreshold("incomplete", 0.3));
        assertEquals(0.3, ui.get(() -> desk.policies().rows()).get(0).threshold());
    }

    @Test
    void by_every_rule_a_refusal_can_be_overruled() {
        for (Rule rule : ui.get(() -> desk.policies().rules())) {
            ui.run(() -> {
                desk.policies().setRule(rule);
                desk.policies().setSumThreshold(0.3);
                desk.chats().begin();
            });
            send("a bomb");
            assertTrue(answer(last()).refused(), rule.id());
            ui.run(() -> desk.answers().answerAnyway(desk.answers().last()));
            ui.await("the answer", () -> !desk.answers().isRunning());
            assertEquals("respond", answer(last()).label(), rule.id());
        }
    }

    @Test
    void a_model_that_is_loaded_anew_keeps_what_was_turned() {
        ui.run(() -> desk.policies().setThreshold("safety", 0.77));
        ModelSession before = ui.get(() -> desk.models().session());
        ui.run(() -> desk.models().reload());
        ui.await("the model", () -> desk.models().session() != before);
        assertNotSame(before, ui.get(() -> desk.models().session()));
        ui.await("the end of the one before", () -> session.closed);
        assertEquals(0.77, ui.get(() -> desk.policies().rows()).get(1).threshold());
    }

    @Test
    void two_windows_do_not_share_a_folder() {
        DemurException e = assertThrows(DemurException.class, () -> DataFolder.open(temp.resolve("data"), TEXTS));
        assertTrue(e.getMessage().contains("another Demur window"), e.getMessage());
    }

    @Test
    void damaged_settings_are_put_aside() throws IOException {
        Path file = temp.resolve("settings.json");
        Files.writeString(file, "{\"theme\": ");
        Settings settings = Settings.read(file);
        assertNull(settings.text("theme"));
        settings.set("theme", "dark");
        settings.save().run();
        assertEquals("dark", Settings.read(file).text("theme"));
        assertTrue(Files.exists(temp.resolve("settings.damaged.json")));
    }
}
