package dev.demur.soak;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.Conversation;
import dev.demur.Demur;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.suites.Repetitions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

/** What closed conversations leave behind: memory that was freed goes back to the system. */
@EnabledOnOs(value = OS.LINUX, disabledReason = "NOT RUN: resident memory is read from /proc")
class ConversationMemoryIT {

    private static final int CONVERSATIONS = 20;
    private static final int THREADS = 5;

    /** Above what is resident when one conversation was opened and closed. */
    private static final long MOST_KIB = 100 << 10;

    /** With a context of its own each would need more than is allowed; in a long run those of a service in a small machine. */
    private static final int OPEN = Repetitions.of(75, 300);

    private static final long MOST_OPEN_KIB = 1536 << 10;

    @Test
    void conversations_that_are_closed_give_their_memory_back() throws Exception {
        LoadOptions options = LoadOptions.DEFAULTS.withThreads(1).withContextSize(512);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (Demur demur = Demur.load(Path.of("models", "demur-small.gguf"), options)) {
            closeAll(List.of(open(demur)));
            long before = Usage.residentKib();
            for (int round = 0; round < 2; round++) {
                List<Callable<Conversation>> opening = new ArrayList<>();
                for (int i = 0; i < CONVERSATIONS; i++) {
                    opening.add(() -> open(demur));
                }
                List<Conversation> conversations = new ArrayList<>();
                for (Future<Conversation> opened : threads.invokeAll(opening)) {
                    conversations.add(opened.get());
                }
                long open = Usage.residentKib();
                closeAll(conversations);
                long after = Usage.residentKib();
                System.out.printf(
                        "%d conversations: %d MiB more while they are open, %d MiB more once they are closed%n",
                        CONVERSATIONS, (open - before) >> 10, (after - before) >> 10);
                assertTrue(after - before <= MOST_KIB, (after - before) + " KiB stay after round " + round);
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void many_open_conversations_share_one_cache() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try (Demur demur = Demur.load(Path.of("models", "demur-small.gguf"), LoadOptions.DEFAULTS.withThreads(1))) {
            List<Conversation> conversations = new ArrayList<>(List.of(open(demur)));
            long one = Usage.residentKib();
            List<Callable<Conversation>> opening = new ArrayList<>();
            for (int i = 1; i < OPEN; i++) {
                opening.add(() -> open(demur));
            }
            for (Future<Conversation> opened : threads.invokeAll(opening)) {
                conversations.add(opened.get());
            }
            long all = Usage.residentKib();
            System.out.printf("%d open conversations: %d MiB resident, with one %d MiB%n", OPEN, all >> 10, one >> 10);
            assertTrue(all <= MOST_OPEN_KIB, all + " KiB");
            // One that had to give way goes on from its messages.
            conversations.get(0).ask("And now?", GenerationOptions.DEFAULTS.withMaxTokens(2), text -> {});
            closeAll(conversations);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Conversation open(Demur demur) {
        Conversation conversation = demur.converse();
        conversation.ask("Hello", GenerationOptions.DEFAULTS.withMaxTokens(2), text -> {});
        return conversation;
    }

    private static void closeAll(List<Conversation> conversations) {
        conversations.forEach(Conversation::close);
    }
}
