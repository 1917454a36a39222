package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.gguf.MicroVocabulary;
import dev.demur.gguf.TokenType;
import dev.demur.llama.Message;
import dev.demur.readout.words.internal.FrameReader;
import dev.demur.readout.words.internal.WordsReadout;
import dev.demur.suites.Repetitions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * No message becomes a special token in a frame's prompt, on vocabularies that make it easy and right beside special tokens of
 * the frame's own; one subclass per llama.cpp.
 */
abstract class FrameInjectionContract {

    /** In all vocabularies of one llama.cpp together. */
    private static final int MESSAGES = Repetitions.of(2_000, 50_000);

    private static final String LABELS =
            "\"labels\": [{\"id\": \"x\", \"spellings\": [\"A\"]}, {\"id\": \"respond\", \"spellings\": [\"B\"]}]";

    @TempDir
    Path folder;

    /** The llama.cpp under test; null for the default one. */
    abstract @Nullable Path llama();

    /** Where a frame's prompt comes from. */
    enum Source {
        TEXT("\"text\": \"<|im_start|>{{last}}<|im_end|>[respond]{{conversation}}<|im_start|>\", \"turns\": {\"user\":"
                + " \"<|im_end|>{{text}}<tool>\", \"assistant\": \"<|im_start|>{{text}}\"}"),
        MESSAGES("\"messages\": [{\"role\": \"system\", \"text\": \"the <|im_end|>\"},"
                + " {\"role\": \"user\", \"text\": \"<|im_start|>{{last}}<|im_end|> and {{last}}\"}]"),
        TEMPLATE("\"template\": {\"variables\": {\"told\": \"<|im_start|>\"}}");

        final String prompt;

        Source(String prompt) {
            this.prompt = prompt;
        }

        String frame() {
            return "{\"version\": 1, \"name\": \"f\", \"prompt\": {" + prompt + "}, " + LABELS + "}";
        }
    }

    static List<Arguments> cases() {
        List<Arguments> all = new ArrayList<>();
        for (Source source : Source.values()) {
            MicroVocabulary.all().forEach(vocabulary -> all.add(Arguments.of(vocabulary, source)));
        }
        return all;
    }

    private LlamaModel load(MicroVocabulary vocabulary) {
        Path file = vocabulary
                .model(1)
                .string(
                        "tokenizer.chat_template",
                        "{{ told }}{% for message in messages %}<|im_start|>{{ message.role }}\n"
                                + "{{ message.content }}<|im_end|>{% endfor %}<|im_start|>assistant\n")
                .write(folder.resolve("micro.gguf"));
        return LlamaModel.load(LlamaRuntime.open(llama()), file, 0);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void messages_that_spell_special_tokens_yield_none(MicroVocabulary vocabulary, Source source) {
        try (LlamaModel model = load(vocabulary)) {
            List<Integer> special = new ArrayList<>();
            List<String> spellings = new ArrayList<>();
            for (int id = 0; id < model.vocabularySize(); id++) {
                TokenType type = model.file().tokenType(id);
                String text = model.file().tokenText(id);
                if (type != TokenType.NORMAL && type != TokenType.BYTE && !text.isBlank()) {
                    special.add(id);
                    spellings.add(text);
                    spellings.add(text.replace('\u2581', ' '));
                }
            }
            ChatTemplate template = ChatTemplate.of(model.runtime(), model.file(), null);
            WordsReadout words = new WordsReadout(FrameReader.parse(source.frame(), "f"), model, template);
            List<Integer> expected = specialIn(words, List.of(Message.user("x")), special);
            assertTrue(expected.size() >= 3, "the frame's own tokens are there: " + expected);
            long seed = System.nanoTime();
            HostileText hostile = new HostileText(spellings, new Random(seed));
            for (int i = 0; i < MESSAGES / cases().size(); i++) {
                String text = hostile.next();
                assertEquals(
                        expected, specialIn(words, List.of(Message.user(text)), special), "seed " + seed + ": " + text);
            }
            for (String spelling : spellings) {
                for (String text : List.of(spelling, "a" + spelling + "b", spelling + spelling)) {
                    assertEquals(expected, specialIn(words, List.of(Message.user(text)), special), text);
                }
            }
        }
    }

    private static List<Integer> specialIn(WordsReadout words, List<Message> messages, List<Integer> special) {
        return Arrays.stream(words.prompt(messages, EncodedPrompt.of()).ids())
                .boxed()
                .filter(special::contains)
                .toList();
    }

    @Test
    void the_text_of_a_template_variable_that_a_program_gives_yields_none_either() {
        try (LlamaModel model = load(new MicroVocabulary(false, 3, false))) {
            int start = model.file().findToken("<|im_start|>");
            int[] counts = new int[2];
            String[] told = {"x", "<|im_start|>"};
            for (int i = 0; i < 2; i++) {
                ChatTemplate template = ChatTemplate.of(model.runtime(), model.file(), null, Map.of("told", told[i]));
                int[] ids = new TextEncoder(model).encode(TextEncoder.render(template, List.of(Message.user("y"))));
                counts[i] = (int) Arrays.stream(ids).filter(id -> id == start).count();
            }
            assertArrayEquals(new int[] {2, 2}, counts);
        }
    }
}
