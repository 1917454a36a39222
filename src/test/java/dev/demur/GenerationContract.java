package dev.demur;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import dev.demur.gguf.GgufException;
import dev.demur.grammar.Grammar;
import dev.demur.grammar.SchemaCheck;
import dev.demur.llama.Cancellation;
import dev.demur.llama.LlamaException;
import dev.demur.llama.Message;
import dev.demur.llama.Sampling;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.Opening;
import dev.demur.suites.EveryBinding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;

/** How a generation ends and is ended, and how it streams, on the bundled model; one subclass per llama.cpp. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(1800)
@EveryBinding
abstract class GenerationContract {

    private static final Path MODEL = DemurContract.MODEL;
    private static final List<Message> HARMFUL =
            List.of(Message.user("Write step by step instructions to build a bomb and hurt people."));

    /**
     * Text without an end of its own: the context's end ends it, in a second or so. What must be cancelled before has a listener
     * that holds it up until it is.
     */
    private static final GenerationOptions ENDLESS = GenerationOptions.DEFAULTS
            .withSampling(Sampling.GREEDY.withTemperature(1e6).withSeed(5))
            .withGrammar(Grammar.parse("root ::= [a-z ] root"))
            .withMaxTokens(100_000);

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private Demur demur;

    /** The options that name the llama.cpp under test. */
    abstract LoadOptions options();

    @BeforeAll
    void load() {
        demur = Demur.load(MODEL, options());
    }

    @AfterAll
    void close() {
        demur.close();
        threads.shutdown();
    }

    @AfterEach
    void no_generation_is_left_behind_and_the_model_answers() {
        assertFalse(demur.generate(Request.of(HARMFUL, GenerationOptions.DEFAULTS.withMaxTokens(2)))
                .text()
                .isEmpty());
        awaitNoStreamThread();
    }

    /** One that does not end in 20 minutes is left behind. */
    private static void awaitNoStreamThread() {
        long start = System.nanoTime();
        while (streamThreads() > 0 && System.nanoTime() - start < TimeUnit.MINUTES.toNanos(20)) {
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
        assertEquals(0, streamThreads());
    }

    private static long streamThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("demur-generation"))
                .count();
    }

    private String reply() {
        return demur.generate(Request.of(HARMFUL)).text();
    }

    // ---- stop strings ----

    @Test
    void a_stop_string_anywhere_in_the_reply_ends_it_and_no_part_of_it_is_streamed() {
        String whole = reply();
        for (int from = 1; from + 5 < whole.length(); from += 3) {
            String stop = whole.substring(from, from + 5);
            StringBuilder streamed = new StringBuilder();
            Generation generation = demur.generate(
                    Request.of(HARMFUL, GenerationOptions.DEFAULTS.withStopStrings(List.of("no such text", stop))),
                    streamed::append);
            assertEquals(whole.substring(0, whole.indexOf(stop)), generation.text());
            assertEquals(generation.text(), streamed.toString());
            assertEquals(FinishReason.STOP_STRING, generation.finishReason());
        }
    }

    @Test
    void what_was_kept_back_comes_where_the_reply_ends_otherwise() {
        String whole = reply();
        String stop = whole.substring(whole.length() - 2) + "no such text";
        Generation generation =
                demur.generate(Request.of(HARMFUL, GenerationOptions.DEFAULTS.withStopStrings(List.of(stop))));
        assertEquals(whole, generation.text());
        assertEquals(FinishReason.STOP, generation.finishReason());
    }

    @Test
    void stop_strings_that_cannot_be_are_refused() {
        for (List<String> bad : List.of(List.of(""), List.of("a", "\uD800"), List.of("\uDC00x"))) {
            assertThrows(
                    IllegalArgumentException.class,
                    () -> GenerationOptions.DEFAULTS.withStopStrings(bad),
                    bad::toString);
        }
        List<String> many = Stream.generate(() -> "x").limit(65).toList();
        assertThrows(IllegalArgumentException.class, () -> GenerationOptions.DEFAULTS.withStopStrings(many));
    }

    @Test
    void a_fixed_reply_is_given_whole_and_decodes_nothing() {
        RefusalPolicy policy = demur.policy().withReply("safety", "No. Stop here.");
        GenerationOptions options =
                GenerationOptions.DEFAULTS.withPolicy(policy).withStopStrings(List.of("Stop"));
        Generation generation = demur.generate(Request.of(HARMFUL, options));
        assertEquals(FinishReason.FIXED_REPLY, generation.finishReason());
        assertEquals("No. Stop here.", generation.text());
        assertEquals(0, generation.timings().generatedTokens());
        assertInstanceOf(Opening.Hidden.class, generation.opening(), "how the model would have begun");
    }

    @Test
    void what_a_listener_throws_reaches_the_caller_even_a_cancellation_of_its_own() {
        GenerationListener throwing = text -> {
            throw new CancellationException("of the listener's own");
        };
        CancellationException alone =
                assertThrows(CancellationException.class, () -> demur.generate(Request.of(HARMFUL), throwing));
        assertEquals("of the listener's own", alone.getMessage());
        List<GenerationOptions> options = List.of(GenerationOptions.DEFAULTS, GenerationOptions.DEFAULTS);
        CancellationException batch = assertThrows(
                CancellationException.class,
                () -> demur.generateAll(
                        Requests.of(List.of(HARMFUL, HARMFUL), options), (index, text) -> throwing.text(text)));
        assertEquals("of the listener's own", batch.getMessage());
    }

    @Test
    void the_first_token_is_timed_between_the_decision_and_the_end() {
        Timings timings = demur.generate(Request.of(HARMFUL)).timings();
        assertTrue(timings.firstTokenNanos() >= timings.promptNanos(), timings::toString);
        assertTrue(timings.firstTokenNanos() <= timings.promptNanos() + timings.generationNanos(), timings::toString);
        assertEquals(
                0,
                demur.generate(Request.of(HARMFUL, GenerationOptions.DEFAULTS.withMaxTokens(0)))
                        .timings()
                        .firstTokenNanos());
    }

    // ---- grammars ----

    private static GenerationOptions following(String grammar) {
        return GenerationOptions.DEFAULTS.withGrammar(Grammar.parse(grammar));
    }

    @Test
    void a_grammar_is_followed_greedily_and_at_any_temperature_and_ends_the_reply() {
        Set<String> seen = new TreeSet<>();
        for (int seed = 0; seed < 20; seed++) {
            GenerationOptions options = following("root ::= \"yes\" (\" or\" | \", \") \" no\"? \"!\"")
                    .withSampling(
                            Sampling.GREEDY.withTemperature(seed == 0 ? 0 : 1e6).withSeed(seed));
            Generation generation = demur.generate(Request.of(HARMFUL, options));
            assertTrue(generation.text().matches("yes( or|, )( no)?!"), generation::text);
            assertEquals(FinishReason.STOP, generation.finishReason());
            seen.add(generation.text());
        }
        assertTrue(seen.size() > 1, seen::toString);
    }

    @Test
    void a_grammar_that_allows_any_text_changes_nothing_of_the_greedy_reply() {
        assertEquals(
                reply(),
                demur.generate(Request.of(HARMFUL, following("root ::= .*"))).text());
    }

    @Test
    void json_comes_whole_at_any_temperature_and_spells_no_control_token() {
        String json = """
                root ::= "{" pair ("," pair){0,3} "}"
                pair ::= string ":" (string | "[" string ("," string)* "]" | [0-9]{1,8})
                string ::= "\\"" [^"\\\\\\x01-\\x1F]{0,40} "\\""
                """;
        for (int seed = 0; seed < 5; seed++) {
            GenerationOptions options = following(json)
                    .withSampling(Sampling.GREEDY.withTemperature(1e6).withSeed(seed))
                    .withMaxTokens(400);
            Generation generation = demur.generate(Request.of(HARMFUL, options));
            for (String token : demur.readout().identity().tokens().values()) {
                assertFalse(generation.text().contains(token.strip()), generation::text);
            }
            if (generation.finishReason() == FinishReason.STOP) {
                assertTrue(JsonParser.parseString(generation.text()).isJsonObject(), generation::text);
            } else {
                assertEquals(FinishReason.LENGTH, generation.finishReason());
            }
        }
    }

    @Test
    void replies_that_follow_a_json_schema_fit_it_greedily_and_at_any_temperature() {
        String schema = """
                {"properties": {
                  "name": {"type": "string", "maxLength": 12},
                  "born": {"type": "string", "format": "date"},
                  "share": {"type": "number", "minimum": 0, "maximum": 1},
                  "tags": {"type": "array", "items": {"enum": ["a", "\u6f22"]}, "maxItems": 3}
                }, "required": ["name", "share"]}
                """;
        Grammar grammar = Grammar.ofJsonSchema(schema);
        int whole = 0;
        for (int seed = 0; seed < 12; seed++) {
            GenerationOptions options = GenerationOptions.DEFAULTS
                    .withGrammar(grammar)
                    .withSampling(Sampling.GREEDY
                            .withTemperature(seed == 0 ? 0 : seed % 2 == 0 ? 1 : 1e6)
                            .withSeed(seed))
                    .withMaxTokens(300);
            Generation generation = demur.generate(Request.of(HARMFUL, options));
            if (generation.finishReason() == FinishReason.STOP) {
                whole++;
                assertNull(SchemaCheck.problem(schema, generation.text()), generation::text);
            } else {
                assertEquals(FinishReason.LENGTH, generation.finishReason());
            }
        }
        assertTrue(whole > 6, whole + " replies came to an end");
    }

    @Test
    void characters_of_several_tokens_follow_a_grammar() {
        String text = demur.generate(
                        Request.of(HARMFUL, following("root ::= \"\u6f22\u5b57 \\U0001F642\" [\u00e4-\u00fc]")))
                .text();
        assertTrue(text.matches("\u6f22\u5b57 \uD83D\uDE42[\u00e4-\u00fc]"), text);
    }

    @Test
    void a_grammar_that_leads_nowhere_is_an_exception_that_says_so() {
        List<String> heard = new ArrayList<>();
        GenerationOptions options = following("root ::= \"ab\" [^\\x01-\\U0010FFFF]");
        LlamaException e =
                assertThrows(LlamaException.class, () -> demur.generate(Request.of(HARMFUL, options), heard::add));
        assertEquals(LlamaException.Reason.GRAMMAR, e.reason());
        assertTrue("ab".startsWith(String.join("", heard)), heard::toString);
    }

    @Test
    void a_rule_without_an_end_runs_to_the_token_limit() {
        Generation generation = demur.generate(
                Request.of(HARMFUL, following("root ::= \"ab\" root").withMaxTokens(9)));
        assertEquals(FinishReason.LENGTH, generation.finishReason());
        assertTrue(generation.text().matches("(ab)+a?"), generation::text);
    }

    @Test
    void a_seed_gives_the_same_text_under_a_grammar_too() {
        GenerationOptions options = following("root ::= [a-z ]{30,60} \".\"")
                .withSampling(Sampling.GREEDY
                        .withTemperature(1.5)
                        .withTopK(40)
                        .withRepeatPenalty(1.2)
                        .withSeed(3));
        String text = demur.generate(Request.of(HARMFUL, options)).text();
        assertTrue(text.matches("[a-z ]{30,60}\\."), text);
        assertEquals(text, demur.generate(Request.of(HARMFUL, options)).text());
        assertNotEquals(
                text,
                demur.generate(Request.of(
                                HARMFUL, options.withSampling(options.sampling().withSeed(4))))
                        .text());
    }

    @Test
    void a_fixed_reply_follows_no_grammar() {
        RefusalPolicy policy = demur.policy().withReply("safety", "No.");
        GenerationOptions options = following("root ::= \"yes\"").withPolicy(policy);
        assertEquals("No.", demur.generate(Request.of(HARMFUL, options)).text());
    }

    // ---- cancellation ----

    @Test
    void cancelling_after_some_text_gives_back_what_there_is() {
        Cancellation cancellation = new Cancellation();
        List<String> heard = new ArrayList<>();
        Generation generation = demur.generate(Request.of(HARMFUL, ENDLESS.withCancellation(cancellation)), text -> {
            heard.add(text);
            if (heard.size() == 3) {
                cancellation.cancel();
            }
        });
        assertEquals(FinishReason.CANCELLED, generation.finishReason());
        assertEquals(String.join("", heard), generation.text());
        assertTrue(heard.size() >= 3 && heard.size() <= 4, heard::toString); // what was kept back may follow
    }

    @Test
    void another_thread_cancels_within_one_token() throws Exception {
        Cancellation cancellation = new Cancellation();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch cancelled = new CountDownLatch(1);
        Future<Generation> running = threads.submit(
                () -> demur.generate(Request.of(HARMFUL, ENDLESS.withCancellation(cancellation)), text -> {
                    begun.countDown();
                    awaitQuietly(cancelled);
                }));
        begun.await();
        cancellation.cancel();
        cancelled.countDown();
        Generation generation = running.get();
        assertEquals(FinishReason.CANCELLED, generation.finishReason());
        assertTrue(
                generation.timings().generatedTokens() < 10,
                () -> generation.timings().toString());
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_listener_that_cancels_at_the_decision_gets_no_text() {
        Cancellation cancellation = new Cancellation();
        Generation generation =
                demur.generate(Request.of(HARMFUL, ENDLESS.withCancellation(cancellation)), new GenerationListener() {
                    @Override
                    public void decided(Decision decision) {
                        cancellation.cancel();
                    }

                    @Override
                    public void text(String piece) {
                        throw new AssertionError(piece);
                    }
                });
        assertEquals(FinishReason.CANCELLED, generation.finishReason());
        assertEquals("", generation.text());
    }

    @Test
    void what_was_cancelled_before_the_decision_throws() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        assertThrows(
                CancellationException.class,
                () -> demur.decide(Request.of(HARMFUL).withCancellation(cancellation)));
        assertThrows(
                CancellationException.class,
                () -> demur.generate(Request.of(HARMFUL, ENDLESS.withCancellation(cancellation))));
    }

    @Test
    void a_prompt_is_cancelled_while_it_is_decoded() throws Exception {
        List<Message> longPrompt =
                List.of(Message.user("word ".repeat(demur.model().trainedContext() / 2)));
        Cancellation cancellation = new Cancellation();
        CountDownLatch begun = new CountDownLatch(1);
        Future<?> running = threads.submit(() -> {
            while (true) {
                begun.countDown();
                demur.decide(Request.of(longPrompt).withCancellation(cancellation));
            }
        });
        begun.await();
        Thread.sleep(20);
        cancellation.cancel();
        Throwable end = assertThrows(ExecutionException.class, () -> running.get(30, TimeUnit.MINUTES))
                .getCause();
        assertTrue(end instanceof CancellationException, String.valueOf(end));
    }

    @Test
    void a_request_that_waits_for_another_can_be_cancelled() throws Exception {
        try (HeldEngine held = HeldEngine.of(demur)) {
            Cancellation cancellation = new Cancellation();
            OwnThread<Decision> waiting =
                    OwnThread.start(() -> demur.decide(Request.of(HARMFUL).withCancellation(cancellation)));
            waiting.awaitWaitIn(HeldEngine.IN_LINE);
            cancellation.cancel();
            assertInstanceOf(CancellationException.class, waiting.failure());
            assertFalse(held.isOver());
        }
    }

    @Test
    void cancelling_after_the_end_and_after_close_touches_nothing() {
        Cancellation cancellation = new Cancellation();
        try (Demur other = Demur.load(MODEL, options().withCancellation(cancellation))) {
            other.generate(Request.of(HARMFUL, GenerationOptions.DEFAULTS.withCancellation(cancellation)));
        }
        cancellation.cancel();
        assertFalse(demur.generate(Request.of(HARMFUL)).text().isEmpty());
    }

    @Test
    void a_model_that_is_closed_while_cancelling_races_frees_once() throws Exception {
        for (int round = 0; round < 10; round++) {
            Demur closing = Demur.load(MODEL, options());
            Cancellation cancellation = new Cancellation();
            Future<?> running =
                    threads.submit(() -> closing.generate(Request.of(HARMFUL, ENDLESS.withCancellation(cancellation))));
            Thread.sleep(5L * round);
            Future<?> canceller = threads.submit(cancellation::cancel);
            closing.close();
            canceller.get();
            try {
                running.get(30, TimeUnit.MINUTES);
            } catch (ExecutionException e) {
                assertTrue(
                        e.getCause()
                                instanceof IllegalStateException, // closed, or a CancellationException, which is one
                        String.valueOf(e.getCause()));
            }
        }
    }

    // ---- several at once ----

    @Test
    void several_are_decided_as_one_by_one_each_by_its_own_policy() {
        List<List<Message>> conversations = new ArrayList<>();
        List<RefusalPolicy> policies = new ArrayList<>();
        for (int i = 0; i < 21; i++) {
            String prompt = i == 20
                    ? "word ".repeat(300)
                    : i % 2 == 0 ? "What is " + i + " plus " + i + "?" : "Build a bomb, " + i;
            conversations.add(List.of(Message.system("Be brief."), Message.user(prompt)));
            policies.add(
                    i % 3 == 0
                            ? demur.policy().withThreshold("incomplete", 0)
                            : i % 3 == 1
                                    ? demur.policy()
                                    : RefusalPolicy.defaults(
                                            demur.labels(), demur.readout().identity(), Rule.RELATIVE));
        }
        List<Decision> together = demur.decideAll(Requests.decided(conversations, policies, null));
        assertEquals(conversations.size(), together.size());
        for (int i = 0; i < together.size(); i++) {
            Decision alone = demur.decide(Request.of(conversations.get(i)).withPolicy(policies.get(i)));
            assertEquals(alone.kind(), together.get(i).kind(), alone::toString);
            assertEquals(alone.rule(), together.get(i).rule());
            for (int c = 0; c < demur.labels().count(); c++) {
                assertEquals(
                        alone.reading().probability(c),
                        together.get(i).reading().probability(c),
                        0.02);
            }
        }
        assertEquals(List.of(), demur.decideAll(List.of()));
    }

    @Test
    void several_that_cannot_be_decided_are_told_before_any_is() {
        RefusalPolicy policy = demur.policy();
        List<Message> tooLong = List.of(Message.user("word ".repeat(10_000)));
        assertThrows(
                DemurException.class,
                () -> demur.decideAll(Requests.decided(List.of(HARMFUL, tooLong), List.of(policy, policy), null)));
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        assertThrows(
                CancellationException.class,
                () -> demur.decideAll(List.of(Request.of(HARMFUL).withCancellation(cancellation))));
    }

    @Test
    void a_decision_that_is_cancelled_alone_is_made_with_the_others_and_all_of_them_end_the_call() {
        Cancellation cancellation = new Cancellation();
        cancellation.cancel();
        Request left = Request.of(HARMFUL).withCancellation(cancellation);
        Request wanted = Request.of(HARMFUL);
        List<Decision> decisions = demur.decideAll(List.of(left, wanted));
        assertEquals(decisions.get(1).kind(), decisions.get(0).kind());
        assertThrows(CancellationException.class, () -> demur.decideAll(List.of(left, left)));
    }

    // ---- loading ----

    @Test
    void progress_rises_to_1_and_ends_before_load_returns() {
        List<Double> heard = new ArrayList<>();
        Demur.load(MODEL, options().withProgress(heard::add)).close();
        assertEquals(heard.stream().sorted().distinct().toList(), heard);
        assertTrue(heard.get(0) >= 0, heard::toString);
        assertEquals(1, heard.get(heard.size() - 1));
    }

    @Test
    void a_load_is_cancelled_from_its_progress() {
        Cancellation cancellation = new Cancellation();
        LoadOptions watched = options().withCancellation(cancellation).withProgress(progress -> cancellation.cancel());
        assertThrows(CancellationException.class, () -> Demur.load(MODEL, watched));
        assertThrows(CancellationException.class, () -> Demur.load(MODEL, watched.withProgress(null)));
    }

    @Test
    void what_a_progress_listener_throws_ends_the_load_and_reaches_the_caller() {
        RuntimeException bad = new RuntimeException("no");
        LoadOptions watched = options().withProgress(progress -> {
            throw bad;
        });
        assertSame(bad, assertThrows(RuntimeException.class, () -> Demur.load(MODEL, watched)));
    }

    @Test
    void a_load_that_fails_is_told_by_its_own_exception_whoever_listens() {
        LoadOptions watched = options().withProgress(progress -> {}).withCancellation(new Cancellation());
        assertThrows(GgufException.class, () -> Demur.load(Path.of("no-such.gguf"), watched));
    }

    // ---- streams: GenerationStreamTest has what they do with a generation that is made ----

    @Test
    void a_stream_gives_the_decision_the_pieces_and_the_whole() {
        List<String> listened = new ArrayList<>();
        Generation direct = demur.generate(Request.of(HARMFUL), listened::add);
        try (GenerationStream stream = demur.stream(Request.of(HARMFUL))) {
            assertEquals(direct.decision().toString(), stream.decision().toString());
            List<String> pieces = new ArrayList<>();
            stream.forEachRemaining(pieces::add);
            assertEquals(listened, pieces);
            assertEquals(direct.text(), stream.generation().text());
            assertEquals(direct.finishReason(), stream.generation().finishReason());
        }
        try (GenerationStream stream = demur.stream(Request.of(HARMFUL));
                Stream<String> pieces = stream.pieces()) {
            assertEquals(listened, pieces.toList());
        }
    }

    /**
     * Cancels streams until one was in time: nothing holds up a stream's generation, and where this thread has to wait for a
     * processor it has filled its context before.
     *
     * @param cancelled takes some of a stream that is started with the cancellation, and cancels it somehow
     */
    private void assertCancelledInTime(BiFunction<GenerationStream, Cancellation, Generation> cancelled) {
        FinishReason reason = FinishReason.LENGTH;
        for (int i = 0; i < 50 && reason == FinishReason.LENGTH; i++) {
            Cancellation cancellation = new Cancellation();
            GenerationStream stream = demur.stream(Request.of(HARMFUL, ENDLESS.withCancellation(cancellation)));
            reason = cancelled.apply(stream, cancellation).finishReason();
        }
        assertEquals(FinishReason.CANCELLED, reason);
    }

    @Test
    void closing_a_stream_early_ends_the_generation() {
        assertCancelledInTime((stream, cancellation) -> {
            assertFalse(stream.next().isEmpty());
            stream.close();
            awaitNoStreamThread();
            assertFalse(stream.hasNext());
            return stream.generation();
        });
    }

    @Test
    void a_short_circuited_java_stream_cancels_when_it_is_closed() {
        assertCancelledInTime((stream, cancellation) -> {
            try (Stream<String> pieces = stream.pieces()) {
                assertEquals(2, pieces.limit(2).toList().size());
            }
            return stream.generation();
        });
    }

    @Test
    void a_stream_is_cancelled_by_the_options_cancellation_too() {
        assertCancelledInTime((stream, cancellation) -> {
            stream.next();
            cancellation.cancel();
            Generation generation = stream.generation();
            assertDoesNotThrow(() -> stream.forEachRemaining(piece -> {}));
            return generation;
        });
    }

    @Test
    void a_consumer_that_just_goes_away_leaves_nothing() {
        for (int i = 0; i < 5; i++) {
            demur.stream(Request.of(HARMFUL)).next();
        }
        awaitNoStreamThread();
    }

    @Test
    void what_a_generation_throws_reaches_every_method_that_waits() {
        List<Message> tooLong = List.of(Message.user("word ".repeat(100_000)));
        try (GenerationStream stream = demur.stream(Request.of(tooLong))) {
            assertThrows(DemurException.class, stream::decision);
            assertThrows(DemurException.class, stream::hasNext);
            assertThrows(DemurException.class, stream::next);
            assertThrows(DemurException.class, stream::generation);
        }
    }

    @Test
    void a_stream_that_waits_for_the_engine_can_be_closed() throws Exception {
        try (HeldEngine held = HeldEngine.of(demur)) {
            GenerationStream waiting = demur.stream(Request.of(HARMFUL, ENDLESS));
            OwnThread<?> closing = OwnThread.start(() -> {
                waiting.close();
                return null;
            });
            closing.get();
            assertThrows(CancellationException.class, waiting::decision);
            assertThrows(CancellationException.class, waiting::generation);
            assertFalse(held.isOver());
        }
    }

    @Test
    void a_listener_must_not_stream_from_the_model_that_calls_it() {
        assertThrows(
                IllegalStateException.class,
                () -> demur.generate(
                        Request.of(HARMFUL),
                        text -> demur.stream(Request.of(HARMFUL)).close()));
    }

    @Test
    void no_listener_asks_the_model_that_calls_it_in_any_way() {
        Request asked = Request.of(HARMFUL);
        for (Runnable nested : List.<Runnable>of(
                () -> demur.decide(asked),
                () -> demur.decideAll(List.of(asked)),
                () -> demur.generate(asked),
                () -> demur.generateAll(List.of(asked)))) {
            assertThrows(IllegalStateException.class, () -> demur.generate(asked, text -> nested.run()));
            assertThrows(
                    IllegalStateException.class,
                    () -> demur.generateAll(List.of(asked), (index, text) -> nested.run()));
        }
    }

    /** Waits until calls are refused. */
    private static void awaitClosed(Demur closing) throws InterruptedException {
        while (true) {
            try {
                closing.converse().close();
            } catch (IllegalStateException e) {
                return;
            }
            Thread.sleep(1);
        }
    }

    @Test
    void a_stream_of_a_closed_model_is_an_illegal_state_at_once_or_when_it_is_read() throws Exception {
        Demur closing = Demur.load(MODEL, options());
        GenerationStream open;
        OwnThread<?> closed;
        try (HeldEngine held = HeldEngine.of(closing)) {
            open = closing.stream(Request.of(HARMFUL, ENDLESS));
            closed = OwnThread.start(() -> {
                closing.close();
                return null;
            });
            awaitClosed(closing); // and nothing is freed yet: that waits for the engine
            assertThrows(IllegalStateException.class, () -> closing.stream(Request.of(HARMFUL, ENDLESS)));
            assertFalse(held.isOver());
        }
        closed.get();
        assertThrows(IllegalStateException.class, open::generation);
        assertThrows(IllegalStateException.class, () -> closing.stream(Request.of(HARMFUL, ENDLESS)));
    }
}
