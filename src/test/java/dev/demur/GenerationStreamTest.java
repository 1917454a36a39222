package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.llama.Cancellation;
import dev.demur.llama.Processing;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.Rule;
import dev.demur.readout.Opening;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** What a stream does for its consumer and to its generation, which is made here: it goes on only when the test lets it. */
@Timeout(1800)
class GenerationStreamTest {

    private static final Labels LABELS = new Labels(List.of(new Category("safety", "Requests with safety concerns")));
    private static final Decision DECISION =
            new Decision.Respond(true, Rule.THRESHOLD, Reading.ofProbabilities(LABELS, 1, new double[] {0.1, 0.9}, 1));

    private static final String WAITS = "dev.demur.GenerationStream.await";
    private static final String CLOSES = "dev.demur.GenerationStream.close";

    /** A generation that a test leads. */
    private static final class Made implements GenerationStream.Source {

        /** Opened when the source is entered. */
        final CountDownLatch begun = new CountDownLatch(1);

        /** What it waits for before it decides. */
        final CountDownLatch mayDecide = new CountDownLatch(1);

        /** What it waits for before it writes. */
        final CountDownLatch mayWrite = new CountDownLatch(1);

        /** What it waits for before it ends, after its text or its cancellation. */
        final CountDownLatch mayEnd = new CountDownLatch(1);

        private final CountDownLatch cancelled = new CountDownLatch(1);
        private final List<String> pieces;
        private final boolean endless;
        private final Throwable failure;

        volatile Thread thread;
        volatile Cancellation given;

        private Made(List<String> pieces, boolean endless, Throwable failure) {
            this.pieces = pieces;
            this.endless = endless;
            this.failure = failure;
        }

        /** It ends after its pieces. */
        static Made of(String... pieces) {
            return new Made(List.of(pieces), false, null);
        }

        /** After its pieces it goes on until it is cancelled. */
        static Made endless(String... pieces) {
            return new Made(List.of(pieces), true, null);
        }

        /** It throws after its pieces. */
        static Made failing(Throwable failure, String... pieces) {
            return new Made(List.of(pieces), false, failure);
        }

        /** Lets it go its way; one that is endless goes on until it is cancelled. */
        Made free() {
            mayDecide.countDown();
            mayWrite.countDown();
            mayEnd.countDown();
            return this;
        }

        /** Lets it decide, and wait before it writes. */
        Made decided() {
            mayDecide.countDown();
            mayEnd.countDown();
            return this;
        }

        /** Lets it do nothing but end when it is cancelled. */
        Made undecided() {
            mayEnd.countDown();
            return this;
        }

        @Override
        public Generation generate(Cancellation cancellation, GenerationListener listener) {
            thread = Thread.currentThread();
            given = cancellation;
            Cancellation.Scope scope = cancellation.onCancel(this::cancel);
            try (scope) {
                begun.countDown();
                await(mayDecide);
                if (cancellation.isCancelled()) {
                    await(mayEnd);
                    throw new CancellationException("the request was cancelled");
                }
                listener.decided(DECISION);
                await(mayWrite);
                StringBuilder text = new StringBuilder();
                for (String piece : pieces) {
                    listener.text(piece);
                    text.append(piece);
                }
                if (endless) {
                    await(cancelled);
                }
                await(mayEnd);
                if (failure instanceof RuntimeException e) {
                    throw e;
                }
                if (failure instanceof Error e) {
                    throw e;
                }
                return generation(
                        text.toString(), cancellation.isCancelled() ? FinishReason.CANCELLED : FinishReason.STOP);
            }
        }

        /** Whatever it waits for but for its end has come. */
        private void cancel() {
            cancelled.countDown();
            mayDecide.countDown();
            mayWrite.countDown();
        }

        void awaitEnd() throws InterruptedException {
            begun.await();
            thread.join();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static Generation generation(String text, FinishReason reason) {
        return new Generation(
                DECISION, new Opening.Nothing(), text, reason, new Timings(3, 0, 10, 20, 2, 30), Processing.HOST);
    }

    private static GenerationStream start(Made source) {
        return GenerationStream.start(null, source);
    }

    /** Each of the methods that wait for the generation. */
    private static List<Executable> waiting(GenerationStream stream) {
        return List.of(stream::decision, stream::hasNext, stream::next, stream::generation);
    }

    @AfterEach
    void no_flag_is_left() {
        assertFalse(Thread.interrupted());
    }

    // ---- what comes

    @Test
    void the_decision_comes_then_the_pieces_then_the_whole() {
        try (GenerationStream stream = start(Made.of("two ", "pieces").free())) {
            assertSame(DECISION, stream.decision());
            List<String> pieces = new ArrayList<>();
            for (String piece : stream) {
                pieces.add(piece);
            }
            assertEquals(List.of("two ", "pieces"), pieces);
            NoSuchElementException e = assertThrows(NoSuchElementException.class, stream::next);
            assertEquals("the reply has ended", e.getMessage());
            assertEquals(generation("two pieces", FinishReason.STOP), stream.generation());
            assertSame(DECISION, stream.decision());
        }
    }

    @Test
    void each_is_waited_for_and_no_later_one_is() throws Exception {
        Made source = Made.endless("one ");
        try (GenerationStream stream = start(source)) {
            OwnThread<Decision> decision = OwnThread.start(stream::decision);
            decision.awaitWaitIn(WAITS);
            source.decided();
            assertSame(DECISION, decision.get());
            OwnThread<String> piece = OwnThread.start(stream::next);
            piece.awaitWaitIn(WAITS);
            OwnThread<Generation> whole = OwnThread.start(stream::generation);
            whole.awaitWaitIn(WAITS);
            source.free();
            assertEquals("one ", piece.get());
            OwnThread<Boolean> more = OwnThread.start(stream::hasNext);
            more.awaitWaitIn(WAITS);
            assertFalse(whole.isDone()); // it is endless
            source.given.cancel();
            assertFalse(more.get());
            assertEquals(FinishReason.CANCELLED, whole.get().finishReason());
        }
    }

    @Test
    void the_generation_waits_for_no_consumer_and_what_is_not_taken_stays() throws Exception {
        String[] many = Stream.generate(() -> "word ").limit(10_000).toArray(String[]::new);
        Made source = Made.of(many).free();
        GenerationStream stream = start(source);
        source.awaitEnd(); // and nobody has taken anything
        assertFalse(source.given.isCancelled());
        try (Stream<String> pieces = stream.pieces()) {
            assertEquals(List.of(many), pieces.toList());
        }
    }

    // ---- what it throws

    @Test
    void what_the_generation_throws_reaches_every_method_that_waits_after_the_pieces_that_came() {
        for (Throwable failure : List.of(new DemurException("too long"), new StackOverflowError("deep"))) {
            try (GenerationStream stream =
                    start(Made.failing(failure, "a ", "b").free())) {
                assertSame(failure, assertThrows(Throwable.class, stream::generation));
                assertSame(DECISION, stream.decision()); // it came before
                assertEquals("a ", stream.next());
                assertEquals("b", stream.next());
                assertSame(failure, assertThrows(Throwable.class, stream::hasNext));
                assertSame(failure, assertThrows(Throwable.class, stream::next));
            }
        }
    }

    @Test
    void what_it_throws_before_the_decision_reaches_who_waits_already() throws Exception {
        CountDownLatch fails = new CountDownLatch(1);
        DemurException failure = new DemurException("too long");
        try (GenerationStream stream = GenerationStream.start(null, (cancellation, listener) -> {
            await(fails);
            throw failure;
        })) {
            List<OwnThread<?>> consumers = new ArrayList<>();
            for (Executable method : waiting(stream)) {
                OwnThread<?> consumer = OwnThread.start(() -> run(method));
                consumer.awaitWaitIn(WAITS);
                consumers.add(consumer);
            }
            fails.countDown();
            for (OwnThread<?> consumer : consumers) {
                assertSame(failure, consumer.failure());
            }
        }
    }

    private static Void run(Executable method) throws Exception {
        try {
            method.execute();
            return null;
        } catch (Exception | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    // ---- closing

    @Test
    void closing_before_the_decision_ends_the_generation_with_a_cancellation() throws Exception {
        Made source = Made.endless("never").undecided();
        GenerationStream stream = start(source);
        stream.close();
        source.awaitEnd();
        assertThrows(CancellationException.class, stream::decision);
        assertThrows(CancellationException.class, stream::generation);
        assertFalse(stream.hasNext());
        stream.close();
    }

    @Test
    void closing_after_some_pieces_ends_the_generation_with_what_there_was() throws Exception {
        for (int taken = 0; taken < 4; taken++) {
            Made source = Made.endless("a ", "b ", "c ").free();
            GenerationStream stream = start(source);
            assertSame(DECISION, stream.decision());
            for (int i = 0; i < taken; i++) {
                assertEquals(List.of("a ", "b ", "c ").get(i), stream.next());
            }
            stream.close();
            source.awaitEnd();
            assertFalse(stream.hasNext());
            NoSuchElementException e = assertThrows(NoSuchElementException.class, stream::next);
            assertEquals("the stream is closed", e.getMessage());
            assertEquals(FinishReason.CANCELLED, stream.generation().finishReason());
            assertSame(DECISION, stream.decision());
            stream.close();
        }
    }

    @Test
    void closing_waits_until_the_generation_has_ended_whoever_interrupts() throws Exception {
        Made source = Made.endless("a");
        GenerationStream stream = start(source);
        OwnThread<Boolean> closing = OwnThread.start(() -> {
            stream.close();
            return Thread.interrupted();
        });
        closing.awaitWaitIn(CLOSES);
        closing.thread().interrupt();
        while (closing.thread().isInterrupted() && !closing.isDone()) {
            Thread.sleep(1); // until it has noticed
        }
        closing.awaitWaitIn(CLOSES);
        source.mayEnd.countDown();
        assertTrue(closing.get(), "the flag stays set");
        source.awaitEnd();
    }

    @Test
    void closing_wakes_a_consumer_that_waits_for_a_piece() throws Exception {
        Made source = Made.endless().free();
        GenerationStream stream = start(source);
        OwnThread<Boolean> waits = OwnThread.start(stream::hasNext);
        waits.awaitWaitIn(WAITS);
        stream.close();
        assertFalse(waits.get());
    }

    @Test
    void what_comes_after_closing_is_not_kept() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        GenerationStream stream = GenerationStream.start(null, (cancellation, listener) -> {
            listener.decided(DECISION);
            await(closed);
            listener.text("late");
            return generation("late", FinishReason.CANCELLED);
        });
        OwnThread<?> closing = OwnThread.start(() -> {
            stream.close();
            return null;
        });
        closing.awaitWaitIn(CLOSES);
        closed.countDown();
        closing.get();
        assertFalse(stream.hasNext());
        assertEquals("late", stream.generation().text());
    }

    @Test
    void a_short_circuited_java_stream_cancels_when_it_is_closed() throws Exception {
        Made source = Made.endless("a", "b", "c").free();
        GenerationStream stream = start(source);
        try (Stream<String> pieces = stream.pieces()) {
            assertEquals(List.of("a", "b"), pieces.limit(2).toList());
            assertFalse(source.given.isCancelled());
        }
        assertEquals(FinishReason.CANCELLED, stream.generation().finishReason());
        source.awaitEnd();
    }

    // ---- cancelling

    @Test
    void a_cancellation_from_outside_ends_it_before_the_decision_and_after() throws Exception {
        Cancellation early = new Cancellation();
        early.cancel();
        try (GenerationStream stream =
                GenerationStream.start(early, Made.endless("a").undecided())) {
            assertThrows(CancellationException.class, stream::generation);
        }
        Cancellation late = new Cancellation();
        try (GenerationStream stream =
                GenerationStream.start(late, Made.endless("a").free())) {
            assertEquals("a", stream.next());
            late.cancel();
            assertEquals(FinishReason.CANCELLED, stream.generation().finishReason());
            assertFalse(stream.hasNext());
        }
    }

    @Test
    void a_cancellation_from_outside_that_comes_after_the_end_touches_nothing() throws Exception {
        Cancellation outer = new Cancellation();
        Made source = Made.of("a").free();
        try (GenerationStream stream = GenerationStream.start(outer, source)) {
            source.awaitEnd();
            outer.cancel();
            assertFalse(source.given.isCancelled());
            assertEquals(FinishReason.STOP, stream.generation().finishReason());
        }
    }

    @Test
    void a_consumer_that_is_interrupted_already_is_told_and_its_generation_ends() throws Exception {
        for (int method = 0; method < 4; method++) {
            Made source = Made.endless("never").undecided(); // nothing comes that need not be waited for
            GenerationStream stream = start(source);
            Thread.currentThread().interrupt();
            CancellationException e =
                    assertThrows(CancellationException.class, waiting(stream).get(method));
            assertTrue(Thread.interrupted(), "the flag stays set");
            assertTrue(String.valueOf(e.getMessage()).contains("interrupted"), e::toString);
            source.awaitEnd();
            assertThrows(CancellationException.class, stream::generation);
        }
    }

    @Test
    void a_consumer_that_is_interrupted_while_it_waits_is_told_and_its_generation_ends() throws Exception {
        List<Made> sources =
                List.of(Made.endless("never").undecided(), Made.endless().free());
        for (Made source : sources) {
            GenerationStream stream = start(source);
            OwnThread<?> consumer = OwnThread.start(stream::next);
            consumer.awaitWaitIn(WAITS);
            consumer.thread().interrupt();
            assertInstanceOf(CancellationException.class, consumer.failure());
            source.awaitEnd();
        }
    }

    @Test
    void what_is_there_already_is_given_to_a_thread_that_is_interrupted() throws Exception {
        Made source = Made.of("a").free();
        GenerationStream stream = start(source);
        source.awaitEnd();
        Thread.currentThread().interrupt();
        assertSame(DECISION, stream.decision());
        assertEquals("a", stream.next());
        assertEquals(FinishReason.STOP, stream.generation().finishReason());
        assertTrue(Thread.interrupted());
    }
}
