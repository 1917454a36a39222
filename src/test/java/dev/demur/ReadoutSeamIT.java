package dev.demur;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.internal.Internals;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Kernel;
import dev.demur.llama.Message;
import dev.demur.llama.Sampling;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.Sampler;
import dev.demur.llama.internal.TokenPieces;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyException;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Reading;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import dev.demur.readout.Opening;
import dev.demur.readout.internal.Readout;
import dev.demur.readout.internal.ReadoutFinder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A readout of another kind on the bundled model, made here: three ordinary words in place of control tokens. It shows that
 * nothing but the readout knows where the numbers come from and how a reply begins.
 */
class ReadoutSeamIT {

    private static final List<Message> PROMPT = List.of(Message.user("Name three rivers."));
    private static final GenerationOptions SHORT = GenerationOptions.DEFAULTS.withMaxTokens(12);
    private static final int[] ASKED = {1, 300, 301, 302, 303};

    /** Reads the words of ids 400, 401 and 402, the last one for respond. */
    private record Words(Opening refusal, Opening answer, boolean elsewhere) implements Readout {

        private static final int[] IDS = {400, 401, 402};
        private static final Labels LABELS = new Labels(List.of(new Category("a", "A"), new Category("b", "B")));

        @Override
        public Labels labels() {
            return LABELS;
        }

        @Override
        public ReadoutIdentity identity() {
            return new ReadoutIdentity("words", "made-up", Map.of());
        }

        @Override
        public Map<String, Integer> reserved() {
            return Map.of();
        }

        @Override
        public EncodedPrompt prompt(List<Message> messages, EncodedPrompt replyPrompt) {
            return elsewhere ? EncodedPrompt.of(ASKED) : replyPrompt;
        }

        @Override
        public Reader reader(LlamaContext context) {
            return new Reader() {
                @Override
                public Reading read(int sequence, Rules rules) {
                    return read(sequence, rules.policy().temperature());
                }

                @Override
                public Opening opening(int sequence, Decision decision) {
                    return decision instanceof Decision.Refuse ? refusal : answer;
                }

                @Override
                public Reading read(int sequence, double temperature) {
                    double[] numbers = context.read(sequence, Kernel.SCALAR, IDS, temperature);
                    return Reading.of(LABELS, temperature, numbers, LabelNumbers.NO_LABEL, 0);
                }
            };
        }
    }

    private static final Opening NOTHING = new Opening.Nothing();

    private static Demur demur(Opening refusal, Opening answer, boolean elsewhere) {
        Readout words = new Words(refusal, answer, elsewhere);
        return new Demur(LoadedModel.load(
                DemurContract.MODEL,
                LoadOptions.DEFAULTS.withThreads(1),
                file -> new ReadoutFinder.Found(
                        words.labels(),
                        words.identity(),
                        file.metadata(),
                        (model, template, kernel, processing) -> words)));
    }

    private static RefusalPolicy policy(double threshold) {
        return RefusalPolicy.defaults(Words.LABELS, null, Rule.THRESHOLD)
                .withThreshold("a", threshold)
                .withoutThreshold("b");
    }

    /** What the model writes after some tokens, by itself. */
    static String written(Demur demur, int[] tokens, int count) {
        TokenPieces pieces = new TokenPieces(Internals.of(demur).model());
        StringBuilder text = new StringBuilder();
        try (LlamaContext context = LlamaContext.create(Internals.of(demur).model(), 256, 256, 1, 1);
                Sampler sampler = Sampler.create(pieces, Kernel.SCALAR, Sampling.GREEDY, new int[0], null)) {
            int[] all = tokens;
            for (int i = 0; i < count; i++) {
                context.resume(0, all);
                context.decode(0, all);
                int token = context.draw(0, sampler);
                if (pieces.endsGeneration(token)) {
                    break;
                }
                text.append(new String(pieces.bytes(token), StandardCharsets.UTF_8));
                all = append(all, token);
            }
        }
        return text.toString();
    }

    private static int[] append(int[] tokens, int... more) {
        int[] all = Arrays.copyOf(tokens, tokens.length + more.length);
        System.arraycopy(more, 0, all, tokens.length, more.length);
        return all;
    }

    @Test
    void a_policy_decides_by_its_numbers_with_its_labels() {
        try (Demur demur = demur(NOTHING, NOTHING, false)) {
            Reading reading =
                    demur.decide(Request.of(PROMPT).withPolicy(policy(1))).reading();
            assertEquals(
                    List.of("a", "b"),
                    reading.labels().categories().stream().map(Category::id).toList());
            double p = reading.probability("a");
            assertTrue(p > 0 && p < 1, reading.toString());
            assertInstanceOf(
                    Decision.Respond.class, demur.decide(Request.of(PROMPT).withPolicy(policy(Math.nextUp(p)))));
            assertInstanceOf(
                    Decision.Refuse.class, demur.decide(Request.of(PROMPT).withPolicy(policy(p))));
            List<Decision> both =
                    demur.decideAll(Requests.decided(List.of(PROMPT, PROMPT), List.of(policy(0), policy(1)), null));
            assertEquals(
                    List.of("refuse", "respond"),
                    both.stream().map(Decision::kind).toList());
        }
    }

    @Test
    void a_policy_of_another_kind_is_refused_and_one_of_this_kind_survives_its_file() {
        RefusalPolicy own =
                RefusalPolicy.defaults(Words.LABELS, new ReadoutIdentity("words", "made-up", Map.of()), Rule.RELATIVE);
        try (Demur demur = demur(NOTHING, NOTHING, false)) {
            demur.decide(Request.of(PROMPT).withPolicy(PolicyFile.parse(PolicyFile.write(own), "p.json")));
            RefusalPolicy tokens =
                    RefusalPolicy.defaults(Words.LABELS, new ReadoutIdentity("tokens", null, Map.of()), Rule.THRESHOLD);
            String message = String.valueOf(assertThrows(
                            PolicyException.class,
                            () -> demur.decide(Request.of(PROMPT).withPolicy(tokens)))
                    .getMessage());
            assertTrue(message.contains("\"tokens\"") && message.contains("\"words\""), message);
        }
    }

    @Test
    void where_nothing_is_forced_the_model_writes_what_it_writes_by_itself() {
        try (Demur demur = demur(NOTHING, NOTHING, false)) {
            int[] tokens = demur.promptTokens(PROMPT);
            String expected = written(demur, tokens, 12);
            Generation generation = demur.generate(Request.of(PROMPT, SHORT.withPolicy(policy(1))));
            assertEquals(expected, generation.text());
            assertEquals(NOTHING, generation.opening());
            // Of a batch, as many as fit into one decode and more.
            List<List<Message>> many = new ArrayList<>();
            List<GenerationOptions> options = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                many.add(i == 2 ? List.of(Message.user("word ".repeat(400))) : PROMPT);
                options.add(SHORT.withPolicy(policy(1)).withMaxTokens(i == 3 ? 0 : 12));
            }
            List<Generation> generations = demur.generateAll(Requests.of(many, options));
            for (int i : new int[] {0, 1, 4}) {
                assertEquals(expected, generations.get(i).text(), "of " + i);
            }
            assertEquals("", generations.get(3).text());
            assertEquals(FinishReason.LENGTH, generations.get(3).finishReason());
        }
    }

    @Test
    void first_words_are_forced_and_the_model_goes_on_after_them() {
        List<Integer> words = List.of(500, 501, 502);
        try (Demur demur = demur(new Opening.Written(words), NOTHING, false)) {
            TokenPieces pieces = new TokenPieces(Internals.of(demur).model());
            StringBuilder begun = new StringBuilder();
            words.forEach(word -> begun.append(new String(pieces.bytes(word), StandardCharsets.UTF_8)));
            String expected = begun + written(demur, append(demur.promptTokens(PROMPT), 500, 501, 502), 9);
            Generation generation = demur.generate(Request.of(PROMPT, SHORT.withPolicy(policy(0))));
            assertEquals(expected, generation.text());
            assertEquals(12, generation.timings().generatedTokens());
            List<Generation> two = demur.generateAll(Requests.of(
                    List.of(PROMPT, PROMPT), List.of(SHORT.withPolicy(policy(0)), SHORT.withPolicy(policy(1)))));
            assertEquals(expected, two.get(0).text());
            assertEquals(
                    written(demur, demur.promptTokens(PROMPT), 12), two.get(1).text());
            Generation cut = demur.generate(
                    Request.of(PROMPT, SHORT.withPolicy(policy(0)).withMaxTokens(2)));
            assertTrue(begun.toString().startsWith(cut.text()), cut.text());
            assertEquals(FinishReason.LENGTH, cut.finishReason());
        }
    }

    @Test
    void a_cancellation_after_the_decision_ends_the_reply_before_its_first_words() {
        try (Demur demur = demur(new Opening.Written(List.of(500, 501)), NOTHING, false)) {
            Cancellation cancellation = new Cancellation();
            GenerationOptions options = SHORT.withPolicy(policy(0)).withCancellation(cancellation);
            Generation generation = demur.generate(Request.of(PROMPT, options), new GenerationListener() {
                @Override
                public void decided(Decision decision) {
                    cancellation.cancel();
                }

                @Override
                public void text(String piece) {}
            });
            assertEquals(FinishReason.CANCELLED, generation.finishReason());
            assertInstanceOf(Decision.Refuse.class, generation.decision());
            assertEquals("", generation.text());
        }
    }

    @Test
    void a_stop_string_in_the_first_words_ends_the_reply() {
        List<Integer> words = List.of(500, 501, 502);
        try (Demur demur = demur(new Opening.Written(words), NOTHING, false)) {
            String first = new String(new TokenPieces(Internals.of(demur).model()).bytes(500), StandardCharsets.UTF_8);
            GenerationOptions options = SHORT.withPolicy(policy(0)).withStopStrings(List.of(first.strip()));
            Generation generation = demur.generate(Request.of(PROMPT, options));
            assertEquals(FinishReason.STOP_STRING, generation.finishReason());
            assertEquals(1, generation.timings().generatedTokens());
        }
    }

    @Test
    void a_fixed_reply_of_the_readout_gives_way_to_the_policy() {
        try (Demur demur = demur(new Opening.Fixed("I would rather not."), NOTHING, false)) {
            Generation own = demur.generate(Request.of(PROMPT, SHORT.withPolicy(policy(0))));
            assertEquals("I would rather not.", own.text());
            assertEquals(FinishReason.FIXED_REPLY, own.finishReason());
            RefusalPolicy replies = policy(0).withReply("a", "No.");
            assertEquals(
                    "No.",
                    demur.generate(Request.of(PROMPT, SHORT.withPolicy(replies)))
                            .text());
        }
    }

    @Test
    void what_is_decided_at_another_prompt_is_answered_from_its_own() {
        try (Demur here = demur(NOTHING, NOTHING, false);
                Demur elsewhere = demur(new Opening.Written(List.of(500)), NOTHING, true)) {
            assertArrayEquals(ASKED, elsewhere.promptTokens(PROMPT));
            Reading expected = elsewhere
                    .decide(Request.of(List.of(Message.user("Something else."))).withPolicy(policy(1)))
                    .reading();
            Generation generation = elsewhere.generate(Request.of(PROMPT, SHORT.withPolicy(policy(1))));
            assertEquals(
                    expected.probability(0), generation.decision().reading().probability(0));
            assertEquals(
                    here.generate(Request.of(PROMPT, SHORT.withPolicy(policy(1))))
                            .text(),
                    generation.text());
            String forced = written(here, append(here.promptTokens(PROMPT), 500), 11);
            assertTrue(
                    elsewhere
                            .generate(Request.of(PROMPT, SHORT.withPolicy(policy(0))))
                            .text()
                            .endsWith(forced),
                    forced);
            try (Conversation conversation = elsewhere.converse()) {
                assertEquals(
                        generation.text(),
                        conversation
                                .ask(PROMPT.get(0).content(), SHORT.withPolicy(policy(1)), text -> {})
                                .text());
                Timings timings = conversation
                        .ask("And two lakes?", SHORT.withPolicy(policy(1)), text -> {})
                        .timings();
                assertTrue(timings.heldTokens() <= timings.promptTokens(), timings.toString());
                assertEquals(4, conversation.history().size());
            }
        }
    }
}
