package dev.demur;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.gguf.GgufFile;
import dev.demur.internal.Internals;
import dev.demur.llama.HiddenState;
import dev.demur.llama.HiddenState.Pooling;
import dev.demur.llama.Message;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.HiddenStates;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.TokenPieces;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.Head;
import dev.demur.readout.HeadFacts;
import dev.demur.readout.HeadFile;
import dev.demur.readout.Wording;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A head of random numbers on the bundled model, beside it and inside it; one subclass per llama.cpp. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class HeadContract {

    private static final Labels LABELS = new Labels(List.of(new Category("a", "A"), new Category("b", "B")));
    private static final List<HiddenState> VALUES = List.of(
            new HiddenState(0, Pooling.LAST), new HiddenState(0, Pooling.MEAN), new HiddenState(1, Pooling.LAST));
    private static final Message QUESTION = Message.user("Name three rivers.");
    private static final GenerationOptions SHORT = GenerationOptions.DEFAULTS.withMaxTokens(12);

    /** Of probabilities: batches of another shape add up in another order. */
    private static final double NOISE = 0.02;

    private Path folder;
    private Path model;
    private Demur demur;

    /** The options that name the llama.cpp under test. */
    abstract LoadOptions options();

    @BeforeAll
    void load(@TempDir Path shared) throws IOException {
        folder = shared;
        model = Files.copy(DemurContract.MODEL, folder.resolve("any.gguf"));
        headFile(GgufFile.read(model), Head.Sees.MESSAGE, Wording.AS_WRITTEN).write(folder.resolve("any.head.gguf"));
        demur = Demur.load(model, options().withThreads(1));
    }

    @AfterAll
    void close() {
        demur.close();
    }

    private HeadFile headFile(GgufFile file, Head.Sees sees, Wording wording) {
        return RandomHead.of(file, options(), LABELS, VALUES, sees, wording, policy(0.9));
    }

    private static RefusalPolicy policy(double threshold) {
        return RefusalPolicy.defaults(LABELS, null, Rule.THRESHOLD)
                .withThreshold("a", threshold)
                .withoutThreshold("b");
    }

    private static double[] probabilities(Reading reading) {
        double[] probabilities = new double[LABELS.count()];
        for (int i = 0; i < probabilities.length; i++) {
            probabilities[i] = reading.probability(i);
        }
        return probabilities;
    }

    private static double[] probabilities(Demur demur, Message... messages) {
        return probabilities(demur.decide(Request.of(List.of(messages))).reading());
    }

    /** What is read by hand of a prompt, in a context of its own. */
    private double[] byHand(Head head, EncodedPrompt prompt) {
        try (LlamaContext context = LlamaContext.create(Internals.of(demur).model(), 512, 512, 1, 1)) {
            HiddenStates hidden = context.captureHidden(VALUES);
            context.poolOver(hidden, 0, prompt.from(), prompt.to());
            context.decode(0, prompt.ids());
            double[] logits = head.logits(hidden.read(0));
            double sum = Arrays.stream(logits).map(Math::exp).sum();
            return Arrays.stream(logits).map(z -> Math.exp(z) / sum).toArray();
        }
    }

    private Head head() {
        return HeadFile.read(folder.resolve("any.head.gguf")).head();
    }

    @Test
    void the_head_beside_a_model_decides_by_its_hidden_states_and_its_own_policy() {
        assertEquals(LABELS.categories(), demur.labels().categories());
        assertEquals("head", demur.readout().identity().kind());
        assertEquals(head().checksum(), demur.readout().identity().checksum());
        assertEquals(policy(0.9).categories(), demur.policy().categories());
        EncodedPrompt prompt = Internals.of(demur).decisionPrompt(List.of(QUESTION));
        double[] expected = byHand(head(), prompt);
        Reading reading = demur.decide(Request.of(List.of(QUESTION))).reading();
        assertArrayEquals(expected, probabilities(reading), 1e-9);
        assertEquals(1, reading.coverage(), 1e-12);
        assertNotEquals(expected[0], expected[1], 1e-3);
    }

    @Test
    void the_tokens_of_the_last_message_are_those_between_the_template_s() {
        EncodedPrompt prompt = Internals.of(demur).decisionPrompt(List.of(Message.user("rivers rivers rivers")));
        EncodedPrompt other = Internals.of(demur).decisionPrompt(List.of(Message.user("rivers rivers rivers rivers")));
        assertEquals(prompt.from(), other.from());
        assertEquals(prompt.ids().length - prompt.to(), other.ids().length - other.to());
        TokenPieces pieces = new TokenPieces(Internals.of(demur).model());
        StringBuilder text = new StringBuilder();
        for (int i = prompt.from(); i < prompt.to(); i++) {
            text.append(new String(pieces.bytes(prompt.ids()[i]), StandardCharsets.UTF_8));
        }
        assertEquals("rivers rivers rivers", text.toString());
        EncodedPrompt empty = Internals.of(demur).decisionPrompt(List.of(Message.user("")));
        assertEquals(empty.from(), empty.to());
        assertArrayEquals(
                byHand(head(), new EncodedPrompt(empty.ids(), 0, empty.ids().length)),
                probabilities(demur, Message.user("")),
                1e-9);
    }

    @Test
    void several_prompts_together_have_the_numbers_that_each_has_alone() {
        List<List<Message>> prompts = new ArrayList<>();
        List<RefusalPolicy> policies = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            prompts.add(List.of(Message.user("Tell me about " + "rivers and lakes, ".repeat(i % 7) + i)));
            policies.add(policy(0.5));
        }
        List<Decision> together = demur.decideAll(Requests.decided(prompts, policies, null));
        for (int i = 0; i < prompts.size(); i++) {
            assertArrayEquals(
                    probabilities(demur, prompts.get(i).get(0)),
                    probabilities(together.get(i).reading()),
                    NOISE,
                    "of " + i);
        }
    }

    @Test
    void what_sees_the_message_decides_as_if_it_stood_alone_and_the_answer_has_the_conversation() {
        Message[] conversation = {
            Message.system("Be brief."),
            Message.user("Name a lake."),
            Message.assistantAfter("Constance.", "b"),
            QUESTION
        };
        assertArrayEquals(probabilities(demur, QUESTION), probabilities(demur, conversation), 1e-9);
        Generation generation = demur.generate(Request.of(List.of(conversation), SHORT.withPolicy(policy(1))));
        assertEquals(byItself(List.of(conversation), 12), generation.text());
        List<Generation> mixed = demur.generateAll(Requests.of(
                List.of(List.of(QUESTION), List.of(conversation), List.of(QUESTION)),
                List.of(SHORT.withPolicy(policy(1)), SHORT.withPolicy(policy(1)), SHORT.withPolicy(policy(0)))));
        assertEquals(byItself(List.of(QUESTION), 12), mixed.get(0).text());
        assertEquals(generation.text(), mixed.get(1).text());
        assertEquals("Not that.", mixed.get(2).text());
    }

    @Test
    void of_two_wordings_only_what_differs_is_decoded_twice() throws IOException {
        Path normalized = folder.resolve("twice.head.gguf");
        headFile(GgufFile.read(model), Head.Sees.MESSAGE, Wording.NORMALIZED).write(normalized);
        try (Demur other = Demur.load(model, options().withThreads(1).withReadout(normalized.toString()))) {
            GenerationOptions answers = SHORT.withPolicy(policy(1));
            Request request = Request.of("Name three rivers in Wales.").withOptions(answers);
            int[] read = other.promptTokens(request.messages());
            int alike = Arrays.mismatch(read, other.replyTokens(request.messages()));
            assertTrue(alike > 0 && alike < read.length, "it reads of wales");
            Generation generation = other.generate(request);
            assertEquals(alike, generation.timings().heldTokens());
            assertEquals(generation.text(), demur.generate(request).text());
            assertEquals(
                    other.decide(request).reading().probability("a"),
                    generation.decision().reading().probability("a"),
                    NOISE);

            // What is as long as a block keeps to the sequences that others' blocks are in.
            String rivers = "rivers and Wales, ".repeat(60);
            assertEquals(
                    0,
                    other.generate(Request.of(rivers).withOptions(answers))
                            .timings()
                            .heldTokens());
        }
    }

    @Test
    void what_reads_normalized_messages_is_not_moved_by_their_form() throws IOException {
        Path normalized = folder.resolve("normalized.head.gguf");
        headFile(GgufFile.read(model), Head.Sees.MESSAGE, Wording.NORMALIZED).write(normalized);
        try (Demur other = Demur.load(model, options().withThreads(1).withReadout(normalized.toString()))) {
            double[] plain = probabilities(other, Message.user("name three rivers"));
            assertArrayEquals(plain, probabilities(demur, Message.user("Name three rivers.")), 1e-9);
            assertArrayEquals(plain, probabilities(other, Message.user("Please, name  three rivers!")), 1e-9);
            Message before = Message.user("Name a lake.");
            Message again = Message.user("Name three rivers?");
            assertArrayEquals(plain, probabilities(other, before, Message.assistant("Constance."), again), 1e-9);
            GenerationOptions answers = SHORT.withPolicy(policy(1));
            assertEquals(
                    demur.generate(Request.of(List.of(again), answers)).text(),
                    other.generate(Request.of(List.of(again), answers)).text(),
                    "what answers reads the message as it was written");
        }
    }

    @Test
    void what_sees_the_conversation_decides_by_it() throws IOException {
        Path whole = folder.resolve("whole.head.gguf");
        headFile(GgufFile.read(model), Head.Sees.CONVERSATION, Wording.AS_WRITTEN)
                .write(whole);
        try (Demur other = Demur.load(model, options().withThreads(1).withReadout(whole.toString()))) {
            Message[] conversation = {Message.user("Name a lake."), Message.assistant("Constance."), QUESTION};
            EncodedPrompt prompt = Internals.of(other).decisionPrompt(List.of(conversation));
            assertTrue(prompt.from()
                    > Internals.of(other).decisionPrompt(List.of(QUESTION)).from());
            assertArrayEquals(byHand(HeadFile.read(whole).head(), prompt), probabilities(other, conversation), 1e-9);
            assertNotEquals(probabilities(other, QUESTION)[0], probabilities(other, conversation)[0], 1e-6);
        }
    }

    @Test
    void a_conversation_keeps_its_tokens_while_its_messages_are_decided_on_elsewhere() {
        try (Conversation conversation = demur.converse()) {
            GenerationOptions answers = SHORT.withPolicy(policy(1));
            Generation first = conversation.ask("Name a lake.", answers, text -> {});
            Generation next = conversation.ask("Name three rivers.", answers, text -> {});
            assertArrayEquals(
                    probabilities(demur, QUESTION),
                    probabilities(next.decision().reading()),
                    NOISE);
            // All of the first turn's prompt but for the tokens that end it; what was decided on is held besides.
            int known = first.timings().promptTokens() - 3;
            assertTrue(next.timings().heldTokens() >= known, known + " of " + next.timings());
            Generation refused = conversation.ask("And now?", SHORT.withPolicy(policy(0)), text -> {});
            assertEquals("Not that.", refused.text());
            assertInstanceOf(Decision.Refuse.class, refused.decision());
            assertEquals(6, conversation.history().size());
            Generation again = conversation.ask("Name three rivers.", answers, text -> {});
            assertArrayEquals(
                    probabilities(next.decision().reading()),
                    probabilities(again.decision().reading()),
                    NOISE);
        }
    }

    /** What the model writes by itself. */
    private String byItself(List<Message> messages, int count) {
        try (Demur tokens = Demur.load(DemurContract.MODEL, options().withThreads(1))) {
            // The tokens of the model's own readout would stand before past answers: here there are none.
            List<Message> undecided = messages.stream()
                    .map(message -> message.decision() == null ? message : Message.assistant(message.content()))
                    .toList();
            return ReadoutSeamIT.written(demur, tokens.promptTokens(undecided), count);
        }
    }

    @Test
    void a_head_inside_the_model_is_found_and_tokens_can_still_be_asked_for() throws IOException {
        Path with = folder.resolve("with.gguf");
        HeadFile.read(folder.resolve("any.head.gguf")).embed(GgufFile.read(model), with);
        try (Demur inside = Demur.load(with, options().withThreads(1))) {
            assertArrayEquals(probabilities(demur, QUESTION), probabilities(inside, QUESTION), 1e-12);
            assertEquals(policy(0.9).categories(), inside.policy().categories());
        }
        try (Demur tokens = Demur.load(DemurContract.MODEL, options().withReadout("tokens"))) {
            assertEquals("tokens", tokens.readout().identity().kind());
        }
    }

    @Test
    void a_head_of_another_model_is_refused_before_anything_is_loaded() throws IOException {
        GgufFile file = GgufFile.read(model);
        HeadFile own = headFile(file, Head.Sees.MESSAGE, Wording.AS_WRITTEN);
        HeadFacts facts = own.facts();
        Path other = folder.resolve("other.head.gguf");
        new HeadFile(
                        own.head(),
                        new HeadFacts(
                                "Big", "sha256:0", "sha256:0", facts.template(), "{}", "{}", new long[0], Map.of()))
                .write(other);
        String message = String.valueOf(assertThrows(
                        DemurException.class, () -> Demur.load(model, options().withReadout(other.toString())))
                .getMessage());
        assertTrue(message.contains("other.head.gguf") && message.contains("(Big)"), message);
        Path deep = folder.resolve("deep.head.gguf");
        Head head = own.head();
        Head tooDeep = new Head(
                LABELS,
                head.replies(),
                head.sees(),
                head.wording(),
                List.of(
                        new HiddenState(0, Pooling.LAST),
                        new HiddenState(1, Pooling.LAST),
                        new HiddenState(99, Pooling.LAST)),
                head.width(),
                head.weight(),
                head.bias());
        new HeadFile(tooDeep, facts).write(deep);
        assertThrows(
                DemurException.class,
                () -> Demur.load(model, options().withReadout(deep.toString())).close());
    }
}
