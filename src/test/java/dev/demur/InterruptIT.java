package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.llama.Message;
import dev.demur.suites.EveryBinding;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** An interrupt of the thread that calls does what a cancellation does. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(1800)
@EveryBinding
class InterruptIT {

    private static final List<Message> PROMPT = List.of(Message.user("Name three rivers."));

    /** A reply that ends where its context does; what must be ended before has a listener that holds it up. */
    private static final GenerationOptions ENDLESS = GenerationOptions.DEFAULTS
            .withMaxTokens(100_000)
            .withGrammar(dev.demur.grammar.Grammar.parse("root ::= \"a\" root"));

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Demur demur;

    @TempDir
    private Path folder;

    @BeforeAll
    void load() {
        demur = Demur.load(
                DemurContract.MODEL, LoadOptions.DEFAULTS.withThreads(1).withContextSize(100_000));
    }

    @AfterAll
    void close() {
        demur.close();
        threads.shutdownNow();
    }

    @AfterEach
    void noFlagIsLeft() {
        Thread.interrupted();
    }

    /**
     * What became of a reply whose thread is interrupted at its first token, by {@code Future.cancel(true)}. The listener is held
     * up until that has happened, by a lock, because what else one can wait for ends or hides the interrupt.
     */
    private Generation interrupted(GenerationListener more) throws Exception {
        CompletableFuture<Generation> result = new CompletableFuture<>();
        CountDownLatch began = new CountDownLatch(1);
        Object gate = new Object();
        synchronized (gate) {
            Future<?> future = threads.submit(() -> {
                try {
                    Generation generation = demur.generate(Request.of(PROMPT, ENDLESS), text -> {
                        began.countDown();
                        synchronized (gate) {
                            more.text(text);
                        }
                    });
                    assertTrue(Thread.currentThread().isInterrupted(), "the flag stays set");
                    result.complete(generation);
                } catch (Throwable e) {
                    result.completeExceptionally(e);
                }
            });
            began.await();
            future.cancel(true);
        }
        return result.get(30, TimeUnit.MINUTES);
    }

    @Test
    void a_reply_ends_with_what_there_is() throws Exception {
        Generation generation = interrupted(text -> {});
        assertEquals(FinishReason.CANCELLED, generation.finishReason());
        assertTrue(generation.text().startsWith("a"), generation.text());
    }

    @Test
    void a_listener_that_uses_channels_does_not_hide_the_interrupt() throws Exception {
        try (FileChannel file =
                FileChannel.open(folder.resolve("heard.txt"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            Generation generation = interrupted(text -> {
                try {
                    file.write(ByteBuffer.wrap(new byte[] {'a'}));
                } catch (java.io.IOException e) {
                    assertInstanceOf(java.nio.channels.ClosedChannelException.class, e);
                }
            });
            assertEquals(FinishReason.CANCELLED, generation.finishReason());
        }
    }

    /** Interrupted before it begins. */
    private void assertCancelled(Executable call) {
        Thread.currentThread().interrupt();
        assertThrows(CancellationException.class, call);
        assertTrue(Thread.interrupted(), "the flag stays set");
    }

    @Test
    void every_call_of_an_interrupted_thread_ends_at_once_and_the_model_goes_on_for_others() {
        assertCancelled(() -> demur.decide(Request.of(PROMPT)));
        assertCancelled(() -> demur.generate(Request.of(PROMPT, ENDLESS)));
        assertCancelled(() -> demur.decideAll(Requests.decided(List.of(PROMPT), List.of(demur.policy()), null)));
        assertCancelled(() -> demur.generateAll(Requests.of(List.of(PROMPT), List.of(ENDLESS))));
        assertCancelled(() -> Demur.load(DemurContract.MODEL).close());
        try (Conversation conversation = demur.converse()) {
            assertCancelled(() -> conversation.ask("Hello", ENDLESS, text -> {}));
            assertEquals(List.of(), conversation.history());
        }
        assertNotNull(demur.decide(Request.of(PROMPT)));
    }

    /** Where the interrupt comes late the prompt was decided already: then it is tried again. */
    @Test
    void a_long_prompt_ends_inside_its_decode() throws Exception {
        List<Message> prompt = List.of(Message.user("word ".repeat(60_000)));
        int decided = 1;
        for (int i = 0; i < 10 && decided > 0; i++) {
            AtomicInteger count = new AtomicInteger();
            OwnThread<?> running = OwnThread.start(() -> {
                while (true) {
                    demur.decide(Request.of(prompt));
                    count.incrementAndGet();
                }
            });
            Thread.sleep(300); // until it decodes, or nearly
            running.thread().interrupt();
            assertInstanceOf(CancellationException.class, running.failure());
            decided = count.get();
        }
        assertEquals(0, decided, "each time it was decided all the same");
    }

    @Test
    void a_request_that_waits_for_its_turn_gives_up() throws Exception {
        try (HeldEngine held = HeldEngine.of(demur)) {
            OwnThread<?> waiting = OwnThread.start(() -> {
                try {
                    return demur.decide(Request.of(PROMPT));
                } finally {
                    assertTrue(Thread.currentThread().isInterrupted(), "the flag stays set");
                }
            });
            waiting.awaitWaitIn(HeldEngine.IN_LINE);
            waiting.thread().interrupt();
            assertInstanceOf(CancellationException.class, waiting.failure());
            assertFalse(held.isOver());
        }
    }
}
