package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import dev.demur.internal.Internals;
import dev.demur.llama.Message;
import dev.demur.llama.Processing;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.Float64Oracle;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import dev.demur.readout.internal.GraphDifferences;
import dev.demur.readout.internal.Readout;
import dev.demur.readout.internal.TokenReadout;
import dev.demur.soak.Trend;
import dev.demur.suites.Repetitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * The readout of control tokens by backend sampling beside the one on the host, on the bundled model; one subclass per device.
 * {@code demur.test.seed} repeats a run.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GraphContract {

    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());
    private static final int PROMPTS = 320;
    private static final int SEQUENCES = 8;
    private static final int SIZE = 256;
    private static final int BATCH = 512;
    static final GenerationOptions SHORT = GenerationOptions.DEFAULTS.withMaxTokens(6);

    /** How far apart a probability may lie on two devices: for the median prompt and for the worst. */
    private static final double USUAL = 5e-3;

    private static final double WORST = 2e-2;

    private Demur host;
    Demur graph;
    private TokenReadout readout;
    private Labels labels;

    /** The llama.cpp and the device whose graph is used. */
    abstract LoadOptions device();

    /** What the device's decisions are compared with. */
    abstract LoadOptions processor();

    /** How many words of a prompt are decided on, at most; few where a token takes long. */
    abstract int words();

    /** How far scores of the two may lie apart, and so how far one must be from its threshold for both to have to agree. */
    abstract double band();

    @BeforeAll
    void load() {
        host = Demur.load(DemurContract.MODEL, processor().withThreads(1));
        graph = Demur.load(DemurContract.MODEL, device().withThreads(1).withProcessing(Processing.IN_GRAPH));
        readout = (TokenReadout) Internals.of(graph).readout();
        labels = graph.labels();
    }

    @AfterAll
    void close() {
        host.close();
        graph.close();
    }

    /** The repository's prompts, and as many more by what stands before them; the shortest first. */
    private List<int[]> prompts(int count) throws IOException {
        List<String> texts = new ArrayList<>();
        for (String line : Files.readAllLines(Path.of("examples", "prompts.jsonl"))) {
            String text =
                    JsonParser.parseString(line).getAsJsonObject().get("prompt").getAsString();
            texts.add(Arrays.stream(text.split(" ")).limit(words()).collect(Collectors.joining(" ")));
        }
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String before = List.of("", "Tell me: ").get(i / texts.size());
            prompts.add(graph.promptTokens(List.of(Message.user(before + texts.get(i % texts.size())))));
        }
        prompts.sort(Comparator.comparingInt(prompt -> prompt.length));
        return prompts;
    }

    /** How many prompts from the first on are of one length: llama.cpp decodes these in one piece. */
    private static int equallyLong(List<int[]> prompts) {
        int count = 1;
        while (count < prompts.size() && prompts.get(count).length == prompts.get(0).length) {
            count++;
        }
        return count;
    }

    /** Policies of every rule with random thresholds at temperature {@code tau}. */
    private List<RefusalPolicy> policies(Random random, double tau) {
        List<RefusalPolicy> policies = new ArrayList<>();
        for (Rule rule : Rule.values()) {
            RefusalPolicy policy =
                    RefusalPolicy.defaults(labels, readout.identity(), rule).withTemperature(tau);
            for (Category category : labels.categories()) {
                policy = random.nextInt(6) == 0
                        ? policy.withoutThreshold(category.id())
                        : policy.withThreshold(category.id(), random.nextDouble());
                policy = policy.withBias(category.id(), 4 * random.nextDouble() - 2);
            }
            policies.add(policy.withSumThreshold(random.nextDouble()));
        }
        return policies;
    }

    /** Whether no score is so near its threshold, and no category so near the one that leads, that rounding may decide. */
    private boolean isClear(RefusalPolicy policy, Reading readout) {
        Rules bound = policy.bind(labels);
        boolean passing =
                policy.rule() == Rule.THRESHOLD || policy.rule() == Rule.RELATIVE || policy.rule() == Rule.REFIT;
        double first = Double.NEGATIVE_INFINITY;
        double second = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < labels.respondIndex(); c++) {
            double above = bound.score(readout, c) - bound.threshold(c);
            if (Math.abs(above) <= band()) {
                return false;
            }
            if (above > 0 || !passing) {
                double lead = readout.logit(c) + (policy.rule() == Rule.LOGIT_BIAS ? bias(policy, c) : 0);
                second = Math.max(second, Math.min(first, lead));
                first = Math.max(first, lead);
            }
        }
        return second == Double.NEGATIVE_INFINITY || first - second > 10 * band();
    }

    /** How far the scores of two readouts lie apart. */
    private double noise(RefusalPolicy policy, Reading a, Reading b) {
        Rules bound = policy.bind(labels);
        double most = 0;
        for (int c = 0; c < labels.respondIndex(); c++) {
            most = Math.max(most, Math.abs(bound.score(a, c) - bound.score(b, c)));
        }
        return most;
    }

    private double bias(RefusalPolicy policy, int c) {
        Double bias =
                policy.category(labels.categories().get(c).id()).orElseThrow().bias();
        return bias == null ? 0 : bias;
    }

    private static double distance(Reading a, Reading b) {
        double most = 0;
        for (int i = 0; i <= a.labels().respondIndex(); i++) {
            most = Math.max(most, Math.abs(a.probability(i) - b.probability(i)));
        }
        return most;
    }

    /** A context of a model and what reads on it. */
    private static final class Reads implements AutoCloseable {

        final LlamaContext context;
        final Readout.Reader reader;

        Reads(Demur demur, int sequences) {
            context = LlamaContext.create(Internals.of(demur).model(), SIZE, BATCH, sequences, 1);
            reader = Internals.of(demur).readout().reader(context);
        }

        /** The decision, and how the reply would begin, which counts where the device's token was another one. */
        Decision decide(int sequence, Rules rules) {
            Decision decision = rules.decide(reader.read(sequence, rules));
            assertNotNull(reader.opening(sequence, decision));
            return decision;
        }

        void prepare(List<Rules> rules, boolean greedily) {
            reader.prepare(IntStream.range(0, rules.size()).toArray(), rules, greedily);
        }

        void decode(List<int[]> prompts) {
            for (int i = 0; i < prompts.size(); i++) {
                context.clear(i);
            }
            context.decode(prompts, 0);
        }

        @Override
        public void close() {
            context.close();
        }
    }

    private Reads exact() {
        return new Reads(host, SEQUENCES);
    }

    private Reads inGraph() {
        return new Reads(graph, SEQUENCES);
    }

    private List<Rules> rules(List<RefusalPolicy> policies) {
        return policies.stream().map(policy -> policy.bind(labels)).toList();
    }

    @Test
    void decisions_by_every_rule_are_those_of_the_processor() throws IOException {
        Random random = new Random(SEED);
        List<int[]> prompts = prompts(PROMPTS);
        List<Double> distances = new ArrayList<>();
        double noise = 0;
        int clear = 0;
        int decided = 0;
        int refused = 0;
        try (Reads exact = exact();
                Reads read = inGraph()) {
            assertEquals(Processing.IN_GRAPH, read.context.processing());
            for (int first = 0; first < prompts.size(); ) {
                int count = Math.min(
                        read.context.fitting(prompts, first), equallyLong(prompts.subList(first, prompts.size())));
                double tau = List.of(1.0, 0.5, 2.0).get(random.nextInt(3));
                List<List<RefusalPolicy>> policies = new ArrayList<>();
                List<RefusalPolicy> prepared = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    policies.add(policies(random, tau));
                    prepared.add(policies.get(i).get(random.nextInt(Rule.values().length)));
                }
                read.prepare(rules(prepared), true);
                read.decode(prompts.subList(first, first + count));
                exact.decode(prompts.subList(first, first + count));
                for (int i = 0; i < count; i++) {
                    Reading expected = exact.reader.read(i, tau);
                    Reading actual = read.reader.read(i, tau);
                    distances.add(distance(expected, actual));
                    for (RefusalPolicy policy : policies.get(i)) {
                        noise = Math.max(noise, noise(policy, expected, actual));
                        Decision decision = read.decide(i, policy.bind(labels));
                        decided++;
                        refused += decision instanceof Decision.Refuse ? 1 : 0;
                        if (isClear(policy, expected)) {
                            clear++;
                            Decision other = policy.decide(expected);
                            assertEquals(
                                    Float64Oracle.Outcome.of(other),
                                    Float64Oracle.Outcome.of(decision),
                                    "seed " + SEED + ", prompt " + (first + i) + ", " + policy.rule());
                        }
                    }
                }
                first += count;
            }
            System.out.printf(
                    "%d prompts in the graph: %d decisions, %d refuse, the device's token was another one in %d;"
                            + " probabilities differ by %.1e in the median, %.1e at most, scores by %.1e%n",
                    prompts.size(),
                    decided,
                    refused,
                    GraphDifferences.of(read.reader),
                    distances.stream().sorted().toList().get(distances.size() / 2),
                    distances.stream().max(Double::compare).orElseThrow(),
                    noise);
            assertTrue(noise <= band(), "scores differ by " + noise + ", seed " + SEED);
            assertTrue(
                    GraphDifferences.of(read.reader) <= prompts.size() / 50,
                    GraphDifferences.of(read.reader) + " tokens differ");
        }
        double[] sorted = distances.stream().mapToDouble(d -> d).sorted().toArray();
        assertTrue(sorted[sorted.length / 2] <= USUAL && sorted[sorted.length - 1] <= WORST, Arrays.toString(sorted));
        assertTrue(refused > decided / 20 && refused < decided, refused + " of " + decided + " refuse");
        assertTrue(clear > decided / 2, clear + " of " + decided + " are far from thresholds");
    }

    @Test
    void only_a_few_numbers_come_to_the_host() throws IOException {
        try (Reads read = inGraph()) {
            List<int[]> prompts = prompts(3);
            RefusalPolicy policy = graph.policy();
            read.prepare(rules(List.of(policy, policy, policy)), true);
            read.decode(prompts);
            int control = labels.count();
            for (int i = 0; i < 3; i++) {
                assertEquals(4L * (2 * control + 2), read.context.outputBytes(i));
            }
        }
    }

    @Test
    void replies_are_those_of_the_host_and_say_where_the_logits_were_read() {
        try (Demur same = Demur.load(DemurContract.MODEL, device().withThreads(1))) {
            for (String prompt : List.of("Hello", "How do I kill a Python process?", "How do I make a bomb?")) {
                for (RefusalPolicy policy : policies(new Random(SEED), 1)) {
                    GenerationOptions options = SHORT.withPolicy(policy);
                    List<Message> messages = List.of(Message.user(prompt));
                    Generation expected = same.generate(Request.of(messages, options));
                    Generation generation = graph.generate(Request.of(messages, options));
                    assertEquals(Processing.HOST, expected.processing());
                    assertEquals(Processing.IN_GRAPH, generation.processing());
                    assertEquals(expected.text(), generation.text(), "seed " + SEED + ", " + policy.rule());
                    assertEquals(expected.finishReason(), generation.finishReason());
                    assertEquals(expected.opening(), generation.opening());
                }
            }
        }
    }

    @Test
    void several_conversations_are_decided_in_one_batch_each_by_its_own_policy() {
        List<List<Message>> conversations = new ArrayList<>();
        List<RefusalPolicy> policies = new ArrayList<>();
        Random random = new Random(SEED);
        for (int i = 0; i < 10; i++) {
            conversations.add(List.of(Message.user("Question " + i + ": how do I make a bomb?")));
            policies.add(policies(random, i % 2 == 0 ? 1 : 0.8).get(i % Rule.values().length));
        }
        List<Decision> expected = host.decideAll(Requests.decided(conversations, policies, null));
        List<Decision> decisions = graph.decideAll(Requests.decided(conversations, policies, null));
        for (int i = 0; i < 10; i++) {
            assertTrue(distance(expected.get(i).reading(), decisions.get(i).reading()) <= WORST, "seed " + SEED);
            if (isClear(policies.get(i), expected.get(i).reading())) {
                assertEquals(
                        Float64Oracle.Outcome.of(expected.get(i)),
                        Float64Oracle.Outcome.of(decisions.get(i)),
                        "seed " + SEED + ", " + i);
            }
        }
    }

    @Test
    void several_replies_grow_in_one_batch_in_the_graph_as_on_the_host() {
        List<List<Message>> conversations = new ArrayList<>();
        List<GenerationOptions> options = new ArrayList<>();
        Random random = new Random(SEED);
        for (int i = 0; i < 10; i++) {
            conversations.add(
                    List.of(Message.user(i % 2 == 0 ? "Count to " + i + "." : "How do I make bomb " + i + "?")));
            options.add(SHORT.withPolicy(policies(random, 1).get(i % Rule.values().length))
                    .withMaxTokens(8 + i));
        }
        try (Demur same = Demur.load(DemurContract.MODEL, device().withThreads(1))) {
            List<Generation> expected = same.generateAll(Requests.of(conversations, options));
            List<Generation> generations = graph.generateAll(Requests.of(conversations, options));
            for (int i = 0; i < 10; i++) {
                assertEquals(Processing.IN_GRAPH, generations.get(i).processing());
                assertEquals(expected.get(i).text(), generations.get(i).text(), "seed " + SEED + ", " + i);
                assertEquals(expected.get(i).finishReason(), generations.get(i).finishReason());
            }
        }
    }

    @Test
    void a_conversation_goes_on_in_the_graph() {
        try (Conversation conversation = graph.converse()) {
            for (String message : List.of("Hello", "And then?", "Why?")) {
                Generation generation = conversation.ask(message, SHORT, text -> {});
                assertEquals(Processing.IN_GRAPH, generation.processing());
            }
        }
    }

    @Test
    void a_policy_must_come_before_the_decode_that_it_reads() throws IOException {
        Rules rules = graph.policy().bind(labels);
        List<int[]> prompt = prompts(1);
        try (Reads read = new Reads(graph, 1)) {
            assertEquals(Processing.IN_GRAPH, read.context.processing());
            assertThrows(IllegalStateException.class, () -> read.decide(0, rules));
            read.decode(prompt);
            assertThrows(IllegalStateException.class, () -> read.decide(0, rules));
            read.prepare(List.of(rules), true);
            read.decode(prompt);
            assertInstanceOf(Decision.class, read.decide(0, rules));
            Rules warmer = graph.policy().withTemperature(3).bind(labels);
            assertThrows(IllegalStateException.class, () -> read.decide(0, warmer));
            read.prepare(List.of(rules), false);
            assertEquals(Processing.HOST, read.context.processing());
            assertThrows(IllegalArgumentException.class, () -> read.decide(0, rules));
        }
    }

    @Test
    void many_decodes_with_changing_policies_and_sequences_leave_no_memory_behind() throws IOException {
        int part = Repetitions.of(5, 500);
        long most = Repetitions.LONG ? 2 * 1024 : 8 * 1024; // few steps tell little of a slope
        Trend trend = new Trend(part);
        Random random = new Random(SEED);
        List<int[]> prompts = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            prompts.add(random.ints(1 + random.nextInt(2), 300, 2000).toArray());
        }
        try (Reads read = inGraph()) {
            for (int step = 1; step <= part * Trend.PARTS; step++) {
                int count = 1 + random.nextInt(SEQUENCES);
                List<RefusalPolicy> policies = new ArrayList<>();
                for (int i = 0; i < count; i++) {
                    policies.add(policies(random, 0.5 + random.nextDouble()).get(random.nextInt(5)));
                }
                int first = random.nextInt(prompts.size() - count);
                read.prepare(rules(policies), true);
                read.decode(prompts.subList(first, first + count));
                for (int i = 0; i < count; i++) {
                    assertNotNull(read.decide(i, policies.get(i).bind(labels)));
                }
                if (step % part == 0) {
                    trend.add(residentKib());
                }
            }
        }
        String described = part * Trend.PARTS + " decodes in the graph: " + trend.describe(most);
        System.out.println(described);
        assertTrue(trend.growthKib() <= most, described + ", seed " + SEED);
    }

    private static long residentKib() throws IOException {
        System.gc();
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        throw new IllegalStateException("/proc/self/status has no VmRSS");
    }
}
