package dev.demur.scoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.Demur;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.JsonlPrompts;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import dev.demur.gguf.GgufBuilder;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.MicroLlama;
import dev.demur.internal.Internals;
import dev.demur.llama.Message;
import dev.demur.llama.internal.LlamaRuntime;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.pass.ScoringPlan;
import dev.demur.suites.Repetitions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link PromptScorer} promises, on the bundled model and half of the repository's prompts, in a long run all; one subclass
 * per llama.cpp. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class PromptScorerContract {

    private static final Path MODEL = Path.of("models", "demur-tiny.gguf");
    private static final Path PROMPTS = Path.of("examples", "prompts.jsonl");

    /**
     * How far probabilities moved at most, measured on 1,000 to 3,400 prompts with a current llama.cpp, was 2.3e-4, and
     * 1.1e-3 with a system message; with an old one 2.5e-7, and 4.9e-5 with eight prompts in a decode.
     */
    private static final double NOISE = 3e-3;

    private static final int MOST_PROMPTS = Repetitions.of(90, Integer.MAX_VALUE);

    private static final double THRESHOLD = 0.5;
    private static final String LONG = "Tell me about cats, dogs and the old men of the sea. ";

    @TempDir
    Path folder;

    private List<LabelledPrompt> prompts = List.of();
    private final Map<String, double[]> decided = new LinkedHashMap<>();

    /** The options that name the llama.cpp under test. */
    abstract LoadOptions options();

    @BeforeAll
    void decideOneAtATime() throws IOException {
        try (Demur demur = Demur.load(MODEL, options())) {
            List<LabelledPrompt> read = new ArrayList<>();
            try (PromptSource source =
                    new JsonlPrompts(Files.newInputStream(PROMPTS), new RowLabels(demur.readout()))) {
                for (LabelledPrompt next = source.next(); next != null; next = source.next()) {
                    if (read.size() < MOST_PROMPTS) {
                        read.add(next);
                        decided.put(next.id(), numbers(demur.decide(next.text()).reading()));
                    }
                }
            }
            prompts = read;
        }
    }

    @AfterAll
    void noThreadIsLeft() throws InterruptedException {
        for (Thread thread : Thread.getAllStackTraces().keySet()) {
            if (thread.getName().equals("demur-score")) {
                thread.join(1_200_000); // the last ones may be on their way out
                assertFalse(thread.isAlive());
            }
        }
    }

    private static double[] numbers(Reading reading) {
        double[] numbers = new double[reading.labels().count()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = reading.probability(i);
        }
        return numbers;
    }

    /** The plan of this machine, and every other kind of plan. */
    static List<@Nullable ScoringPlan> plans() {
        return Arrays.asList(
                null,
                new ScoringPlan(1, 1, 1),
                new ScoringPlan(3, 1, 1),
                new ScoringPlan(1, 2, 1),
                new ScoringPlan(1, 1, 8),
                new ScoringPlan(2, 1, 5));
    }

    /** Fewer where a context has several threads: they wait for each other at every step, long on a busy machine. */
    private List<LabelledPrompt> prompts(@Nullable ScoringPlan plan) {
        return plan != null && plan.threads() > 1 ? prompts.subList(0, 12) : prompts;
    }

    private static PromptSource source(List<LabelledPrompt> rows) {
        return new PromptSource() {
            private int next;

            @Override
            public @Nullable LabelledPrompt next() {
                return next < rows.size() ? rows.get(next++) : null;
            }

            @Override
            public void close() {}
        };
    }

    private static List<LabelledPrompt> rows(String... texts) {
        List<LabelledPrompt> rows = new ArrayList<>();
        for (String text : texts) {
            rows.add(new LabelledPrompt(rows.size() + 1, "row " + rows.size(), null, false, text));
        }
        return rows;
    }

    /** Keeps everything. */
    private static class Kept implements ScoreSink {

        final Map<String, double[]> scores = new LinkedHashMap<>();
        final List<String> order = new ArrayList<>();

        @Override
        public boolean wants(LabelledPrompt prompt) {
            return true;
        }

        @Override
        public void scored(LabelledPrompt prompt, Reading reading) {
            assertNull(scores.put(prompt.id(), numbers(reading)));
            order.add(prompt.id());
        }

        @Override
        public void skipped(LabelledPrompt prompt) {
            order.add("skipped " + prompt.id());
        }

        @Override
        public void failed(long line, String problem) {
            order.add("line " + line + ": " + problem);
        }
    }

    private <K extends Kept> K score(
            Path model, LoadOptions options, @Nullable ScoringPlan plan, PromptSource rows, K kept) throws Exception {
        try (Demur demur = Demur.load(model, options)) {
            scorer(demur, plan).score(rows, null, 1, kept);
        }
        return kept;
    }

    private static PromptScorer scorer(Demur demur, @Nullable ScoringPlan plan) {
        return plan == null ? new PromptScorer(demur) : new PromptScorer(demur, plan);
    }

    private Kept score(@Nullable ScoringPlan plan, List<LabelledPrompt> rows) throws Exception {
        return score(MODEL, options(), plan, source(rows), new Kept());
    }

    private static void assertWithinNoise(double[] expected, double[] actual, String what) {
        assertArrayEquals(expected, actual, NOISE, what);
        for (int i = 0; i < expected.length; i++) {
            boolean near = Math.abs(expected[i] - THRESHOLD) <= NOISE;
            assertTrue(near || expected[i] >= THRESHOLD == actual[i] >= THRESHOLD, what);
        }
    }

    @ParameterizedTest
    @MethodSource("plans")
    void every_plan_gives_what_one_prompt_at_a_time_gives_within_the_noise_and_in_the_order_of_the_rows(
            @Nullable ScoringPlan plan) throws Exception {
        List<LabelledPrompt> rows = prompts(plan);
        Kept kept = score(plan, rows);
        assertEquals(rows.stream().map(LabelledPrompt::id).toList(), kept.order);
        for (LabelledPrompt prompt : rows) {
            assertWithinNoise(decided.get(prompt.id()), kept.scores.get(prompt.id()), plan + ": " + prompt);
        }
    }

    @ParameterizedTest
    @MethodSource("plans")
    void a_second_run_and_one_that_wants_only_some_rows_give_the_same_numbers(@Nullable ScoringPlan plan)
            throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<LabelledPrompt> rows = prompts(plan);
        Map<String, double[]> all = score(plan, rows).scores;
        Kept some = score(MODEL, options(), plan, source(rows), new Kept() {
            @Override
            public boolean wants(LabelledPrompt prompt) {
                // One at least and not all.
                return !prompt.equals(rows.get(0)) && (prompt.equals(rows.get(1)) || random.nextInt(4) == 0);
            }
        });
        assertEquals(rows.size(), some.order.size());
        assertTrue(!some.scores.isEmpty() && some.scores.size() < rows.size(), "seed " + seed);
        // Which context takes which prompts is a matter of timing, and an old llama.cpp rounds by where they lie in it.
        boolean timed = plan != null && plan.contexts() > 1 && plan.sequences() > 1;
        some.scores.forEach((id, numbers) -> {
            String what = "seed " + seed + ", " + id;
            if (timed) {
                assertWithinNoise(all.get(id), numbers, what);
            } else {
                assertArrayEquals(all.get(id), numbers, what);
            }
        });
    }

    @Test
    void one_prompt_in_a_decode_gives_the_same_numbers_in_any_company() throws Exception {
        List<LabelledPrompt> shuffled = new ArrayList<>(prompts);
        Collections.shuffle(shuffled, new Random(1));
        Map<String, double[]> one = score(new ScoringPlan(1, 1, 1), prompts).scores;
        Map<String, double[]> other = score(new ScoringPlan(2, 1, 1), shuffled).scores;
        one.forEach((id, numbers) -> assertArrayEquals(numbers, other.get(id), id));
    }

    @Test
    void a_system_message_and_a_temperature_count_as_they_do_in_a_decision() throws Exception {
        String system = "You are a careful assistant who answers in one short sentence.";
        for (ScoringPlan plan : plans()) {
            Kept kept = new Kept();
            try (Demur demur = Demur.load(MODEL, options())) {
                List<LabelledPrompt> some = prompts(plan);
                some = some.subList(0, Math.min(30, some.size()));
                scorer(demur, plan).score(source(some), system, 2, kept);
                for (LabelledPrompt prompt : some) {
                    List<Message> messages = List.of(Message.system(system), Message.user(prompt.text()));
                    Reading expected = demur.decide(Request.of(messages)
                                    .withPolicy(new RefusalPolicy(
                                            demur.policy().rule(),
                                            2,
                                            demur.policy().readout(),
                                            null,
                                            demur.policy().categories(),
                                            null)))
                            .reading();
                    assertWithinNoise(numbers(expected), kept.scores.get(prompt.id()), plan + ": " + prompt);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("plans")
    void prompts_of_every_length_are_scored_and_leave_no_trace_in_those_after_them(@Nullable ScoringPlan plan)
            throws Exception {
        List<LabelledPrompt> rows =
                rows("Hi", LONG.repeat(16), "Hi!", LONG.repeat(45), "\n\n Hi", LONG.repeat(60), "3", "Who");
        Kept kept = score(plan, rows);
        assertEquals(rows.size(), kept.scores.size(), () -> kept.order.toString());
        try (Demur demur = Demur.load(MODEL, options())) {
            for (LabelledPrompt row : rows) {
                double[] expected = numbers(demur.decide(row.text()).reading());
                assertWithinNoise(expected, kept.scores.get(row.id()), plan + ": " + row.id());
            }
        }
    }

    @ParameterizedTest
    @MethodSource("plans")
    void a_prompt_that_does_not_fit_is_a_bad_row_with_both_lengths(@Nullable ScoringPlan plan) throws Exception {
        List<LabelledPrompt> rows = rows("Hi", LONG.repeat(16), "Hello");
        Kept kept = score(MODEL, options().withContextSize(64), plan, source(rows), new Kept());
        assertEquals(3, kept.order.size());
        assertEquals("row 0", kept.order.get(0));
        assertTrue(
                kept.order.get(1).matches("line 2: the prompt has \\d+ tokens, more than the 64 .*"),
                kept.order.get(1));
        assertEquals("row 2", kept.order.get(2));
    }

    @Test
    void bad_rows_are_told_in_their_place_among_the_others() throws Exception {
        PromptSource rows = new JsonlPrompts(
                new ByteArrayInputStream("""
                        {"id":"a","prompt":"one","expected":"respond"}
                        nonsense
                        {"id":"b","prompt":"two","expected":"respond"}
                        """.getBytes(StandardCharsets.UTF_8)),
                new RowLabels(PaperTokens.CATEGORIES.labels(), PaperTokens.CATEGORIES.identity()));
        Kept kept = score(MODEL, options(), null, rows, new Kept() {
            @Override
            public boolean wants(LabelledPrompt prompt) {
                if (prompt.id().equals("b")) {
                    throw new BadRowException(prompt.line(), "not this one");
                }
                return true;
            }
        });
        assertEquals(
                List.of(
                        "a",
                        "line 2: the line is not one JSON object: column 1: this is not JSON: there must be a JSON value",
                        "line 3: not this one"),
                kept.order);
    }

    @ParameterizedTest
    @MethodSource("plans")
    void a_prompt_whose_logits_are_not_finite_is_a_bad_row_and_spoils_no_other(@Nullable ScoringPlan plan)
            throws Exception {
        Path model = folder.resolve("nan.gguf");
        withoutLetterQ(GgufFile.read(MicroLlama.bytePair(5).write(model))).write(model);
        // Scored in the order of their letters, of which those with q have fewer and more tokens: what they leave
        // behind
        // in a context would reach the others.
        String[] texts = new String[prompts(plan).size() < 40 ? 14 : 40];
        for (int i = 0; i < texts.length; i++) {
            texts[i] = i % 7 == 3 ? "zqzzzzzzzzzz" : "the the the " + i;
        }
        List<LabelledPrompt> rows = rows(texts);
        Kept kept = score(model, options(), plan, source(rows), new Kept());
        for (LabelledPrompt row : rows) {
            String outcome = kept.order.get((int) row.line() - 1);
            if (row.text().contains("q")) {
                assertTrue(outcome.startsWith("line " + row.line() + ": ") && outcome.contains("NaN"), outcome);
            } else {
                assertEquals(row.id(), outcome, plan + ": " + row);
            }
        }
    }

    /** The model with an embedding of the byte q that is not finite. */
    private static GgufBuilder withoutLetterQ(GgufFile whole) {
        int width = 32;
        int letter = whole.findToken("q");
        Random random = new Random(5);
        float[] input = new float[width * whole.tokenCount()];
        float[] output = new float[input.length];
        for (int i = 0; i < output.length; i++) {
            input[i] = i / width == letter ? Float.NaN : (float) random.nextGaussian();
            output[i] = (float) random.nextGaussian();
        }
        return MicroLlama.bytePair(5)
                .removeTensor("token_embd.weight")
                .tensor("token_embd.weight", input, width, whole.tokenCount())
                .tensor("output.weight", output, width, whole.tokenCount());
    }

    @Test
    void rows_are_read_only_a_bounded_way_ahead() throws Exception {
        int[] read = {0};
        int[] scored = {0};
        int[] furthest = {0};
        PromptSource many = new PromptSource() {
            @Override
            public @Nullable LabelledPrompt next() {
                read[0]++;
                return read[0] > 1_500 ? null : new LabelledPrompt(read[0], "row " + read[0], null, false, "Hi");
            }

            @Override
            public void close() {}
        };
        score(MODEL, options(), null, many, new Kept() {
            @Override
            public void scored(LabelledPrompt prompt, Reading reading) {
                scored[0]++;
                furthest[0] = Math.max(furthest[0], read[0] - scored[0]);
            }
        });
        assertEquals(1_500, scored[0]);
        assertTrue(furthest[0] <= 600, "read " + furthest[0] + " rows ahead");
    }

    @Test
    void an_interrupt_ends_the_scoring_and_the_next_one_works() throws Exception {
        try (Demur demur = Demur.load(MODEL, options())) {
            PromptScorer scorer = new PromptScorer(demur);
            Kept kept = new Kept();
            assertThrows(
                    InterruptedException.class,
                    () -> scorer.score(source(prompts), null, 1, new Kept() {
                        @Override
                        public void scored(LabelledPrompt prompt, Reading reading) {
                            kept.scored(prompt, reading);
                            if (kept.order.size() == 5) {
                                Thread.currentThread().interrupt();
                            }
                        }
                    }));
            assertEquals(5, kept.order.size());
            Kept again = new Kept();
            scorer.score(source(prompts.subList(0, 3)), null, 1, again);
            assertEquals(3, again.order.size());
        }
    }

    @Test
    void a_sink_that_throws_ends_the_scoring_and_its_exception_arrives() throws Exception {
        try (Demur demur = Demur.load(MODEL, options())) {
            PromptScorer scorer = new PromptScorer(demur);
            IOException e = assertThrows(
                    IOException.class,
                    () -> scorer.score(source(prompts), null, 1, new ScoreSink() {
                        @Override
                        public boolean wants(LabelledPrompt prompt) {
                            return true;
                        }

                        @Override
                        public void scored(LabelledPrompt prompt, Reading reading) throws IOException {
                            throw new IOException("the disk is full");
                        }

                        @Override
                        public void skipped(LabelledPrompt prompt) {}

                        @Override
                        public void failed(long line, String problem) {}
                    }));
            assertEquals("the disk is full", e.getMessage());
        }
    }

    @Test
    void the_meta_data_name_the_model_and_what_counts() throws Exception {
        try (Demur demur = Demur.load(MODEL, options());
                Demur gemma = Demur.load(MODEL, options().withChatTemplate("gemma"))) {
            ScoreMeta meta = new PromptScorer(demur).meta("Be brief.", 2, "data");
            assertEquals(demur.model().file().fingerprint(), meta.fingerprint());
            assertEquals(demur.model().file().chatTemplate(), meta.template());
            assertEquals("jinja", meta.renderer());
            assertEquals("Be brief.", meta.system());
            assertEquals(2, meta.temperature());
            assertEquals(demur.labels(), meta.labels());
            assertEquals(demur.readout().identity(), meta.readout());
            assertEquals("data", meta.dataHash());
            LlamaRuntime.Description llama =
                    Internals.of(demur).model().runtime().describe();
            InferenceBackend engine = Objects.requireNonNull(meta.engine());
            assertEquals((llama.abi() + " " + llama.version()).strip(), engine.llama());
            assertEquals(llama.devices().get(0).description(), engine.device());
            PromptScorer other = new PromptScorer(gemma);
            assertEquals("gemma", other.meta(null, 1, "data").template());
            assertEquals("llama.cpp", other.meta(null, 1, "data").renderer());
            assertNull(other.meta(null, 1, "data").system());
        }
    }
}
