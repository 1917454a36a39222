package dev.demur;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.gguf.MicroBigram;
import dev.demur.gguf.MicroGuards;
import dev.demur.gguf.MicroLlama;
import dev.demur.llama.Kernel;
import dev.demur.llama.Message;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.LlamaModel;
import dev.demur.llama.internal.LlamaRuntime;
import dev.demur.llama.internal.TextEncoder;
import dev.demur.policy.Decision;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.Opening;
import dev.demur.readout.words.FrameException;
import dev.demur.readout.words.internal.FrameReader;
import dev.demur.readout.words.internal.WordsReadout;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frames on made-up guards and models; one subclass per llama.cpp. */
abstract class WordsContract {

    private static final List<Message> QUESTION = List.of(Message.user("How do I boil an egg?"));
    private static final double CLOSE = 2e-3;

    @TempDir
    Path folder;

    /** The options that name the llama.cpp under test. */
    abstract LoadOptions options();

    private Path file(MicroBigram model) {
        return model.model().write(folder.resolve("guard.gguf"));
    }

    private Path frame(String json) throws IOException {
        return Files.writeString(folder.resolve("frame.json"), json);
    }

    private static String frame(String prompt, String more, String labels) {
        return "{\"version\": 1, \"name\": \"made-up\", \"prompt\": {" + prompt + "}, " + more + "\"labels\": ["
                + labels + "]}";
    }

    private static String label(String id, String... spellings) {
        return "{\"id\": \"" + id + "\", \"spellings\": [\"" + String.join("\", \"", spellings) + "\"]}";
    }

    private Reading read(Path model, String readout, List<Message> messages) {
        try (Demur demur = Demur.load(model, options().withThreads(1).withReadout(readout))) {
            return demur.decide(Request.of(messages)).reading();
        }
    }

    // ---- guards, as their makers describe them

    @Test
    void llama_guard_is_read_behind_its_line_feeds_and_its_hazard_behind_unsafe() {
        Reading reading = read(file(MicroGuards.llamaGuard()), "llama-guard", QUESTION);
        assertEquals(0.7, reading.probability("respond"), CLOSE);
        assertEquals(0.3 * 0.25, reading.probability("S1"), CLOSE);
        assertEquals(0.3 * 0.75, reading.probability("S10"), CLOSE);
        assertEquals(0, reading.probability("S2"), CLOSE);
        assertEquals(1, reading.coverage(), 0.01);
        assertEquals(reading.labels().respondIndex(), reading.choice());
        double ratio =
                Math.exp(reading.logit(9) - reading.logit(reading.labels().respondIndex()));
        assertEquals(0.225 / 0.7, ratio, CLOSE);
    }

    @Test
    void llama_guard_judges_the_last_turn_without_the_system_message_or_what_was_decided() {
        List<Message> conversation = List.of(
                Message.system("Be brief."),
                Message.user("One."),
                Message.assistantAfter("Two.", "respond"),
                Message.user("Three."));
        assertEquals(
                0.7,
                read(file(MicroGuards.llamaGuard()), "llama-guard", conversation)
                        .probability("respond"),
                CLOSE);
        assertThrows(
                DemurException.class,
                () -> read(file(MicroGuards.llamaGuard()), "llama-guard", List.of(Message.system("Be brief."))));
    }

    @Test
    void a_template_that_takes_content_as_parts_is_given_parts() {
        Reading reading = read(file(MicroGuards.llamaGuardOfParts()), "llama-guard", QUESTION);
        assertEquals(0.7, reading.probability("respond"), CLOSE);
    }

    @Test
    void unsafe_in_several_pieces_is_told_from_safe_by_the_first() {
        // The merges of this vocabulary make un and safe of it, and nothing longer.
        MicroBigram pieces = new MicroBigram()
                .special("<|im_start|>", "<|im_end|>")
                .words("\n\n", "safe", "un")
                .template("{{ messages[-1].content }}<|im_end|>")
                .after("<|im_end|>", Map.of("\n\n", 1.0))
                .after("\n\n", Map.of("safe", 0.25, "un", 0.75));
        String labels = label("respond", "safe") + ", " + label("unsafe", "unsafe");
        Reading reading = readFrame(file(pieces), frame("\"template\": {}", "\"begins\": \"\\n\\n\", ", labels));
        assertEquals(0.75, reading.probability("unsafe"), CLOSE);
        assertTrue(reading.coverage() > 0.99, reading.toString());
    }

    private Reading readFrame(Path model, String json) {
        try {
            return read(model, frame(json).toString(), QUESTION);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void granite_guardian_is_read_over_all_spellings_of_both_words() {
        Reading reading = read(file(MicroGuards.graniteGuardian()), "granite-guardian", QUESTION);
        assertEquals(0.6, reading.probability("harm"), CLOSE);
        assertEquals(0.4, reading.probability("respond"), CLOSE);
        assertEquals(1, reading.coverage(), 0.01);
        assertEquals(0, reading.choice());
    }

    @ParameterizedTest
    @CsvSource({"qwen3guard, 0.5, 0.2, 0.3", "qwen3guard-strict, 0.5, 0.5, -1", "qwen3guard-loose, 0.8, 0.2, -1"})
    void qwen3guard_counts_what_is_controversial_by_itself_or_as_either(
            String name, double respond, double unsafe, double controversial) {
        Reading reading = read(file(MicroGuards.qwen3Guard()), name, QUESTION);
        assertEquals(respond, reading.probability("respond"), CLOSE);
        assertEquals(unsafe, reading.probability("unsafe"), CLOSE);
        if (controversial >= 0) {
            assertEquals(controversial, reading.probability("controversial"), CLOSE);
        }
        assertEquals(1, reading.coverage(), 0.01);
    }

    @Test
    void nemotron_is_read_in_its_json() {
        Reading reading = read(file(MicroGuards.nemotron()), "nemotron", QUESTION);
        assertEquals(0.6, reading.probability("unsafe"), CLOSE);
        assertEquals(1, reading.coverage(), 0.01);
    }

    // ---- frames that lie

    @Test
    void a_label_that_is_read_one_token_too_early_shows_as_low_coverage() {
        String labels = label("respond", "safe") + ", " + label("unsafe", "unsafe");
        Reading reading = readFrame(file(MicroGuards.llamaGuard()), frame("\"template\": {}", "", labels));
        assertTrue(reading.hasLowCoverage() && reading.coverage() < 0.01, reading.toString());
        assertEquals(1, reading.probability("respond") + reading.probability("unsafe"), 1e-9, "they are normalised");
    }

    @Test
    void a_wrong_spelling_shows_as_low_coverage() {
        String labels = label("respond", "Safe") + ", " + label("unsafe", "Unsafe");
        Reading reading = readFrame(
                file(MicroGuards.qwen3Guard()), frame("\"template\": {}", "\"begins\": \"Safety:\", ", labels));
        assertTrue(reading.hasLowCoverage() && reading.coverage() < 0.01, reading.toString());
    }

    @Test
    void a_wrong_template_shows_as_low_coverage() {
        String labels = label("respond", "Yes") + ", " + label("harm", "No");
        Reading reading = readFrame(file(MicroGuards.graniteGuardian()), frame("\"text\": \"{{last}}?\"", "", labels));
        assertTrue(reading.hasLowCoverage(), reading.toString());
        String refused = String.valueOf(assertThrows(
                        FrameException.class,
                        () -> readFrame(file(MicroGuards.graniteGuardian()), frame("\"template\": {}", "", labels)))
                .getMessage());
        assertTrue(refused.contains("no risk is given"), refused);
    }

    @Test
    void a_wrong_second_position_lowers_the_coverage_by_what_is_read_there() {
        String then = "{\"id\": \"unsafe\", \"spellings\": [\"unsafe\"], \"then\": {\"begins\": \" \", \"labels\": ["
                + label("a", "x") + ", " + label("b", "y") + "]}}";
        Reading reading = readFrame(
                file(MicroGuards.llamaGuard()),
                frame("\"template\": {}", "\"begins\": \"\\n\\n\", ", label("respond", "safe") + ", " + then));
        assertEquals(0.7, reading.coverage(), 0.02);
    }

    // ---- ids

    @Test
    void a_space_at_the_end_of_the_beginning_goes_into_the_word_as_the_model_would_write_it() throws IOException {
        Path model = file(MicroGuards.qwen3Guard());
        String spaced = frame(
                "\"template\": {}",
                "\"begins\": \"Safety: \", ",
                label("respond", "Safe") + ", " + label("unsafe", "Unsafe"));
        String inWord = frame(
                "\"template\": {}",
                "\"begins\": \"Safety:\", ",
                label("respond", " Safe") + ", " + label("unsafe", " Unsafe"));
        try (LlamaModel loaded = LlamaModel.load(LlamaRuntime.open(options().llama()), model, 0)) {
            WordsReadout one = new WordsReadout(FrameReader.parse(spaced, "f"), loaded, null);
            WordsReadout other = new WordsReadout(FrameReader.parse(inWord, "f"), loaded, null);
            assertEquals(other.firstPosition(), one.firstPosition());
            assertArrayEquals(
                    other.prompt(QUESTION, EncodedPrompt.of()).ids(),
                    one.prompt(QUESTION, EncodedPrompt.of()).ids());
            int space = loaded.file().findToken("\u0120");
            int[] ids = one.prompt(QUESTION, EncodedPrompt.of()).ids();
            assertNotEquals(space, ids[ids.length - 1], "a space of its own is what the model never writes");
        }
        assertEquals(0.7, readFrame(model, spaced).coverage(), 0.02);
    }

    /** On the vocabulary of a real model: what is forced, with a word behind it, is what tokenising both together gives. */
    @ParameterizedTest
    @CsvSource({
        "'Safety: ', Safe, Unsafe",
        "'The letter is (', A, B",
        "'{\"risk\": \"', low, high",
        "'\n\n', safe, unsafe"
    })
    void what_is_forced_and_read_is_how_the_text_is_tokenised_whole(String begins, String one, String other) {
        String json = frame(
                "\"text\": \"{{last}}\\n<|im_end|>\"",
                "\"begins\": \"" + begins.replace("\"", "\\\"").replace("\n", "\\n") + "\", ",
                label("respond", one) + ", " + label("x", other));
        try (LlamaModel model = LlamaModel.load(LlamaRuntime.open(options().llama()), DemurContract.MODEL, 0)) {
            WordsReadout words = new WordsReadout(FrameReader.parse(json, "f"), model, null);
            String position = words.firstPosition();
            for (Map.Entry<String, String> word :
                    Map.of("respond", one, "x", other).entrySet()) {
                List<Integer> whole = Arrays.stream(
                                new TextEncoder(model).continuation(begins + word.getValue(), false))
                        .boxed()
                        .toList();
                List<Integer> forced = new ArrayList<>();
                for (String id : position.substring(1, position.indexOf(']')).split(", ")) {
                    if (!id.isEmpty()) {
                        forced.add(Integer.valueOf(id));
                    }
                }
                assertEquals(whole.subList(0, forced.size()), forced, position);
                assertTrue(position.contains(" " + whole.get(forced.size()) + "=" + word.getKey()), position + whole);
            }
        }
    }

    @Test
    void words_that_begin_with_the_same_token_are_an_error_that_names_both() {
        MicroBigram letters = new MicroBigram().template("{{ messages[-1].content }}");
        String message = String.valueOf(assertThrows(
                        FrameException.class,
                        () -> readFrame(
                                file(letters),
                                frame(
                                        "\"template\": {}",
                                        "",
                                        label("respond", "yes", "ja") + ", " + label("x", "no", "yellow"))))
                .getMessage());
        assertTrue(message.contains("\"yes\" (respond) and \"yellow\" (x) begin with the same token"), message);
        String beginning = String.valueOf(assertThrows(
                        FrameException.class,
                        () -> readFrame(
                                file(letters),
                                frame("\"template\": {}", "", label("respond", "un") + ", " + label("x", "unsafe"))))
                .getMessage());
        assertTrue(beginning.contains("\"un\" (respond) is"), beginning);
        // What two words share is forced, and the first that differs is read.
        Reading reading = readFrame(
                file(letters), frame("\"template\": {}", "", label("respond", "low") + ", " + label("x", "lot")));
        assertEquals(0.5, reading.probability("x"), 1e-6);
    }

    // ---- numbers

    @Test
    void probabilities_are_those_of_the_softmax_over_the_vocabulary_or_normalised() {
        Path model = MicroLlama.bytePair(3).write(folder.resolve("random.gguf"));
        String labels = label("respond", "A", "B") + ", " + label("x", "C") + ", " + label("y", "D");
        String among = frame("\"text\": \"{{last}}\\n\"", "", labels);
        String whole = frame("\"text\": \"{{last}}\\n\"", "\"probabilities\": \"vocabulary\", ", labels);
        for (double temperature : new double[] {1, 2.5}) {
            double[] raw;
            try (LlamaModel loaded = LlamaModel.load(LlamaRuntime.open(options().llama()), model, 0);
                    LlamaContext context = LlamaContext.create(loaded, 256, 256, 1, 1)) {
                int[] ids = new WordsReadout(FrameReader.parse(among, "f"), loaded, null)
                        .prompt(QUESTION, EncodedPrompt.of())
                        .ids();
                context.decode(0, ids);
                int[] letters = {
                    loaded.file().findToken("A"),
                    loaded.file().findToken("B"),
                    loaded.file().findToken("C"),
                    loaded.file().findToken("D")
                };
                raw = Arrays.copyOf(context.read(0, Kernel.SCALAR, letters, temperature), 4);
            }
            double covered = Arrays.stream(raw).sum();
            for (String json : List.of(among, whole)) {
                Reading reading = reading(model, json, temperature);
                double by = json.equals(among) ? covered : 1;
                assertEquals((raw[0] + raw[1]) / by, reading.probability("respond"), 1e-9);
                assertEquals(raw[2] / by, reading.probability("x"), 1e-9);
                assertEquals(raw[3] / by, reading.probability("y"), 1e-9);
                assertEquals(covered, reading.coverage(), 1e-9);
                double odds = Math.exp((reading.logit(0) - reading.logit(2)) / temperature);
                assertEquals(raw[2] / (raw[0] + raw[1]), odds, 1e-6);
            }
        }
    }

    private Reading reading(Path model, String json, double temperature) {
        try (Demur demur = Demur.load(
                model, options().withThreads(1).withReadout(frame(json).toString()))) {
            RefusalPolicy policy = demur.policy().withTemperature(temperature);
            return demur.decide(Request.of(QUESTION).withPolicy(policy)).reading();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void categories_are_asked_for_one_at_a_time_each_with_its_definition() throws IOException {
        MicroBigram model = new MicroBigram()
                .special("<|a|>", "<|b|>", "<|c|>")
                .words("Yes", "No")
                .template("{{ messages[-1].content }}")
                .after("<|a|>", Map.of("Yes", 0.9, "No", 0.1))
                .after("<|b|>", Map.of("Yes", 0.8, "No", 0.1))
                .after("<|c|>", Map.of("Yes", 0.1, "No", 0.3, "x", 0.6));
        String each =
                "\"each\": [{\"id\": \"a\", \"definition\": \"<|a|>\"}, {\"id\": \"b\", \"definition\": \"<|b|>\"},"
                        + " {\"id\": \"c\", \"definition\": \"<|c|>\"}], ";
        String json = frame(
                "\"text\": \"Judge {{last}} by this: {{definition}}\"",
                each,
                label("respond", "No") + ", " + label("refuse", "Yes"));
        Reading reading = readFrame(file(model), json);
        assertEquals(0.9, reading.probability("a"), CLOSE);
        assertEquals(0.8 / 0.9, reading.probability("b"), CLOSE);
        assertEquals(0.25, reading.probability("c"), CLOSE);
        assertEquals(0.1, reading.probability("respond"), CLOSE);
        assertEquals(0.4, reading.coverage(), 0.01, "of the question that it fits least");
        assertEquals(0, reading.choice());
        // A message that spells a token of the frame's is a text.
        Reading spelled = read(file(model), frame(json).toString(), List.of(Message.user("<|c|><|b|>")));
        assertEquals(reading.probability("a"), spelled.probability("a"), 1e-9);
    }

    // ---- several prompts, conversations, replies

    @Test
    void a_batch_decides_each_prompt_as_alone_and_a_conversation_goes_on() {
        Path model = file(MicroGuards.llamaGuard());
        try (Demur demur = Demur.load(model, options().withThreads(1).withReadout("llama-guard"))) {
            List<List<Message>> many = new ArrayList<>();
            List<RefusalPolicy> policies = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                many.add(List.of(Message.user("word ".repeat(1 + 30 * i))));
                policies.add(demur.policy().withThreshold("S10", i % 2 == 0 ? 0.2 : 0.3));
            }
            List<Decision> decisions = demur.decideAll(Requests.decided(many, policies, null));
            for (int i = 0; i < 6; i++) {
                assertEquals(0.225, decisions.get(i).reading().probability("S10"), CLOSE);
                assertEquals(i % 2 == 0 ? "refuse" : "respond", decisions.get(i).kind());
            }
            GenerationOptions refusing =
                    GenerationOptions.DEFAULTS.withPolicy(policies.get(0)).withMaxTokens(4);
            try (Conversation conversation = demur.converse()) {
                for (int i = 0; i < 3; i++) {
                    Generation generation = conversation.ask("Again " + i, refusing, text -> {});
                    assertInstanceOf(Decision.Refuse.class, generation.decision());
                    assertEquals("I will not help with that, because it could do harm.", generation.text());
                    assertEquals(FinishReason.FIXED_REPLY, generation.finishReason());
                }
            }
        }
    }

    @Test
    void a_prompt_that_does_not_fit_with_what_is_asked_after_it_is_an_error() {
        Path model = file(MicroGuards.llamaGuard());
        try (Demur demur = Demur.load(model, options().withContextSize(256).withReadout("llama-guard"))) {
            int length = demur.promptTokens(QUESTION).length;
            // The second position takes three tokens more than the first.
            List<Message> longest = List.of(Message.user("x".repeat(21 + 256 - length - 3)));
            assertEquals(253, demur.promptTokens(longest).length);
            demur.decide(Request.of(longest));
            List<Message> tooLong = List.of(Message.user("x".repeat(21 + 256 - length - 2)));
            String message =
                    String.valueOf(assertThrows(PromptTooLongException.class, () -> demur.decide(Request.of(tooLong)))
                            .getMessage());
            assertTrue(message.contains("257 tokens and the context holds 256"), message);
        }
    }

    @Test
    void another_model_decides_and_this_one_answers() {
        LoadOptions guarded = options()
                .withThreads(1)
                .withDecider(file(MicroGuards.qwen3Guard()))
                .withReadout("qwen3guard");
        GenerationOptions short8 = GenerationOptions.DEFAULTS.withMaxTokens(8);
        String own;
        try (Demur demur =
                Demur.load(DemurContract.MODEL, options().withThreads(1).withReadout(answered()))) {
            own = demur.generate(Request.of(
                            QUESTION, short8.withPolicy(demur.policy().withoutThreshold("x"))))
                    .text();
        }
        try (Demur demur = Demur.load(DemurContract.MODEL, guarded)) {
            assertNotEquals(demur.model(), demur.decidingModel());
            RefusalPolicy never =
                    demur.policy().withoutThreshold("controversial").withoutThreshold("unsafe");
            Generation answer = demur.generate(Request.of(QUESTION, short8.withPolicy(never)));
            assertEquals(0.5, answer.decision().reading().probability("respond"), CLOSE);
            assertEquals(own, answer.text());
            assertEquals(new Opening.Nothing(), answer.opening());
            RefusalPolicy always = never.withThreshold("unsafe", 0.1);
            Generation refusal = demur.generate(Request.of(QUESTION, short8.withPolicy(always)));
            assertEquals("I will not help with that, because it could do harm.", refusal.text());
            Generation replied =
                    demur.generate(Request.of(QUESTION, short8.withPolicy(always.withReply("unsafe", "No, thanks."))));
            assertEquals("No, thanks.", replied.text());
        }
        try (Demur demur = Demur.load(DemurContract.MODEL, guarded.withWrittenRefusals(true))) {
            RefusalPolicy always = demur.policy().withThreshold("unsafe", 0.1);
            Generation written = demur.generate(Request.of(
                    QUESTION, GenerationOptions.DEFAULTS.withMaxTokens(24).withPolicy(always)));
            assertInstanceOf(Opening.Written.class, written.opening());
            assertTrue(written.text().startsWith("I will not answer that, because"), written.text());
            assertFalse(written.finishReason() == FinishReason.FIXED_REPLY);
        }
    }

    /** A frame by which the bundled model answers without a control token. */
    private String answered() {
        try {
            return Files.writeString(
                            folder.resolve("own.json"),
                            frame("\"text\": \"{{last}}\"", "", label("respond", "A") + ", " + label("x", "B")))
                    .toString();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void control_tokens_of_another_model_decide_as_they_do_there_and_open_no_reply() {
        Path micro = MicroLlama.bytePair(5).write(folder.resolve("micro.gguf"));
        try (Demur tokens = Demur.load(DemurContract.MODEL, options().withThreads(1));
                Demur guarded = Demur.load(micro, options().withThreads(1).withDecider(DemurContract.MODEL))) {
            Reading expected = tokens.decide(Request.of(QUESTION)).reading();
            Generation generation = guarded.generate(Request.of(
                    QUESTION,
                    GenerationOptions.DEFAULTS
                            .withMaxTokens(3)
                            .withPolicy(guarded.policy().withThreshold("safety", 0))));
            assertEquals(
                    expected.probability("safety"),
                    generation.decision().reading().probability("safety"),
                    CLOSE);
            assertEquals("I will not help with that, because it could do harm.", generation.text());
        }
    }

    @Test
    void written_refusals_are_for_models_without_control_tokens() {
        String message = String.valueOf(assertThrows(
                        DemurException.class,
                        () -> Demur.load(DemurContract.MODEL, options().withWrittenRefusals(true)))
                .getMessage());
        assertTrue(message.contains("LoadOptions.withWrittenRefusals"), message);
    }

    @Test
    void thresholds_for_words_are_not_taken_for_another_readout_and_a_checksum_tells_frames_apart() {
        Path model = file(MicroGuards.qwen3Guard());
        try (Demur words = Demur.load(model, options().withReadout("qwen3guard"));
                Demur strict = Demur.load(model, options().withReadout("qwen3guard-strict"))) {
            assertEquals("words", words.readout().identity().kind());
            assertNotEquals(
                    words.readout().identity().checksum(),
                    strict.readout().identity().checksum());
            RefusalPolicy policy =
                    RefusalPolicy.defaults(words.labels(), words.readout().identity(), Rule.THRESHOLD);
            words.decide(Request.of(QUESTION).withPolicy(policy));
        }
    }
}
