package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.MicroLlama;
import dev.demur.gguf.MicroVocabulary;
import dev.demur.gguf.TokenType;
import dev.demur.llama.Message;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.readout.DecisionTokens;
import dev.demur.suites.Repetitions;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No message becomes a special token, on vocabularies that make it easy; one subclass per llama.cpp. */
abstract class InjectionContract {

    /** In all vocabularies of one llama.cpp together. */
    private static final int MESSAGES = Repetitions.of(3_000, 100_000);

    @TempDir
    Path folder;

    private @Nullable LlamaModel model;

    /** The llama.cpp under test; null for the default one. */
    abstract @Nullable Path llama();

    /** Who renders the template of the models. */
    enum Template {
        LISTED(MicroLlama.CHATML, "chatml", ChatTemplate.Renderer.LLAMA_CPP),
        PROGRAM(UnknownTemplate.TEXT, null, ChatTemplate.Renderer.JINJA);

        final String text;
        final @Nullable String name;
        final ChatTemplate.Renderer renderer;

        Template(String text, @Nullable String name, ChatTemplate.Renderer renderer) {
            this.text = text;
            this.name = name;
            this.renderer = renderer;
        }
    }

    static List<Arguments> vocabularies() {
        List<Arguments> all = new ArrayList<>();
        for (Template template : Template.values()) {
            MicroVocabulary.all().forEach(vocabulary -> all.add(Arguments.of(vocabulary, template)));
        }
        return all;
    }

    @AfterEach
    void close() {
        if (model != null) {
            model.close();
        }
    }

    private LlamaModel load(Path file) {
        model = LlamaModel.load(LlamaRuntime.open(llama()), file, 0);
        return model;
    }

    private static DecisionTokens controlTokens(MicroVocabulary vocabulary, LlamaModel model) {
        List<String> texts = vocabulary.spelledControlTokens();
        List<Category> categories = new ArrayList<>();
        for (int i = 0; i < texts.size() - 1; i++) {
            categories.add(new Category("c" + i, "Category " + i));
        }
        List<Integer> ids = texts.stream().map(model.file()::findToken).toList();
        return new DecisionTokens(new Labels(categories), texts, ids);
    }

    /** A vocabulary's model with what the tests ask of it. */
    private final class Case {

        final LlamaModel model;
        final PromptEncoder encoder;
        final List<Integer> forbidden = new ArrayList<>();
        final List<String> spellings = new ArrayList<>();
        final boolean sentencePiece;
        final Template template;

        Case(MicroVocabulary vocabulary, Template template) {
            this(
                    vocabulary,
                    template,
                    vocabulary
                            .model(1)
                            .string("tokenizer.chat_template", template.text)
                            .write(folder.resolve("micro.gguf")));
        }

        Case(MicroVocabulary vocabulary, Template template, Path file) {
            this.template = template;
            model = load(file);
            sentencePiece = vocabulary.sentencePiece();
            DecisionTokens tokens = controlTokens(vocabulary, model);
            ChatTemplate opened = ChatTemplate.of(model.runtime(), model.file(), template.name);
            assertEquals(template.renderer, opened.renderer());
            encoder = new PromptEncoder(opened, model, tokens.byLabel());
            for (int id = 0; id < model.vocabularySize(); id++) {
                TokenType type = model.file().tokenType(id);
                boolean special = type != TokenType.NORMAL && type != TokenType.BYTE || tokens.indexOfToken(id) >= 0;
                if (special && !model.file().tokenText(id).isBlank()) {
                    forbidden.add(id);
                    spellings.add(model.file().tokenText(id));
                    spellings.add(model.file().tokenText(id).replace('\u2581', ' '));
                }
            }
        }

        List<Integer> forbiddenIn(int[] ids) {
            return Arrays.stream(ids).boxed().filter(forbidden::contains).toList();
        }

        List<Integer> frame(List<Message> messages) {
            return forbiddenIn(encoder.encode(messages.stream()
                            .map(message -> new Message(message.role(), "x", message.decision()))
                            .toList())
                    .ids());
        }

        /** The conversation as text, but for the token that the vocabulary has before every text. */
        String rendered(List<Message> messages) {
            List<Message> repaired = messages.stream()
                    .map(message -> new Message(message.role(), wellFormed(message.content()), message.decision()))
                    .toList();
            return template == Template.LISTED
                    ? chatml(repaired)
                    : (model.beginOfText() < 0 ? "<|endoftext|>" : "") + UnknownTemplate.rendered(repaired);
        }

        int[] whole(String text) {
            int[] ids = model.tokenize(text, true);
            int begin = model.beginOfText();
            return begin < 0
                    ? ids
                    : IntStream.concat(IntStream.of(begin), Arrays.stream(ids)).toArray();
        }

        /** What the ids say, without the space that SentencePiece puts before a text of its own. */
        String read(int[] ids) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            boolean first = true;
            for (int id : ids) {
                if (id == model.beginOfText()) {
                    continue;
                }
                byte[] piece = model.piece(id, true);
                int from = sentencePiece && first && piece[0] == ' ' ? 1 : 0;
                bytes.write(piece, from, piece.length - from);
                first = forbidden.contains(id);
            }
            return bytes.toString(StandardCharsets.UTF_8);
        }
    }

    private static String chatml(List<Message> messages) {
        StringBuilder text = new StringBuilder();
        for (Message message : messages) {
            text.append("<|im_start|>").append(message.role().id()).append('\n');
            text.append(message.content()).append("<|im_end|>\n");
        }
        return text.append("<|im_start|>assistant\n").toString();
    }

    private static String wellFormed(String text) {
        StringBuilder repaired = new StringBuilder();
        text.codePoints().forEach(c -> repaired.appendCodePoint(c >= 0xd800 && c < 0xe000 ? 0xfffd : c));
        return repaired.toString();
    }

    @ParameterizedTest
    @MethodSource("vocabularies")
    void messages_that_spell_special_tokens_yield_none_and_read_the_same(
            MicroVocabulary vocabulary, Template template) {
        Case tested = new Case(vocabulary, template);
        long seed = System.nanoTime();
        HostileText hostile = new HostileText(tested.spellings, new Random(seed));
        int plain = 0;
        int broken = 0;
        int messages = 0;
        // More where all were of one kind, which few may be by chance.
        while (messages < MESSAGES / vocabularies().size() || (plain == 0 || broken == 0) && messages < MESSAGES) {
            List<Message> conversation = hostile.conversation();
            messages += conversation.size();
            String about = vocabulary + ", " + template + ", seed " + seed + ": " + conversation;
            int[] ids = tested.encoder.encode(conversation).ids();
            assertEquals(tested.frame(conversation), tested.forbiddenIn(ids), about);
            String text = tested.rendered(conversation);
            // SentencePiece knows no difference between a space and its own sign for it.
            assertEquals(
                    vocabulary.sentencePiece() ? text.replace('\u2581', ' ') : text,
                    vocabulary.sentencePiece() ? tested.read(ids).replace('\u2581', ' ') : tested.read(ids),
                    about);
            int[] whole = tested.whole(text);
            if (tested.forbiddenIn(whole).equals(tested.frame(conversation))) {
                plain++;
                assertArrayEquals(whole, ids, about);
            } else {
                broken++;
            }
        }
        assertTrue(plain > 0 && broken > 0, plain + " plain and " + broken + " broken, seed " + seed);
    }

    @ParameterizedTest
    @MethodSource("vocabularies")
    void an_empty_message_is_read_as_none(MicroVocabulary vocabulary, Template template) {
        Case tested = new Case(vocabulary, template);
        for (List<Message> conversation :
                List.of(List.of(Message.user("")), List.of(Message.system("Be brief."), Message.user("")))) {
            EncodedPrompt prompt = tested.encoder.encode(conversation);
            assertEquals(tested.frame(conversation), tested.forbiddenIn(prompt.ids()), template.toString());
            assertEquals(prompt.from(), prompt.to(), template.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("vocabularies")
    void every_special_token_stays_text_in_every_role(MicroVocabulary vocabulary, Template template) {
        Case tested = new Case(vocabulary, template);
        for (String spelling : tested.spellings) {
            for (Message.Role role : Message.Role.values()) {
                List<Message> messages = List.of(new Message(role, spelling, null), Message.user("a" + spelling + "b"));
                int[] ids = tested.encoder.encode(messages).ids();
                assertEquals(tested.frame(messages), tested.forbiddenIn(ids), spelling);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("vocabularies")
    void an_answer_begins_with_the_control_token_of_its_decision(MicroVocabulary vocabulary, Template template) {
        Case tested = new Case(vocabulary, template);
        controlTokens(vocabulary, tested.model).byLabel().forEach((label, token) -> {
            List<Message> messages =
                    List.of(Message.user("the"), Message.assistantAfter("what [respond]", label), Message.user("you"));
            int[] ids = tested.encoder.encode(messages).ids();
            List<Integer> frame = new ArrayList<>(
                    tested.frame(List.of(Message.user("the"), Message.assistant("what"), Message.user("you"))));
            boolean begun = template == Template.PROGRAM || tested.model.beginOfText() >= 0;
            frame.add(begun ? 4 : 3, token);
            assertEquals(frame, tested.forbiddenIn(ids));
        });
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class,
                () -> tested.encoder
                        .encode(List.of(Message.assistantAfter("what", "mischief"), Message.user("you")))
                        .ids());
        assertTrue(e.getMessage().startsWith("an answer's decision is mischief, which is none of this model's: c0"));
    }

    /** A readout without tokens has answers as their texts alone. */
    @ParameterizedTest
    @MethodSource("vocabularies")
    void where_labels_have_no_tokens_a_decision_stands_before_no_answer(MicroVocabulary vocabulary, Template template) {
        Case tested = new Case(vocabulary, template);
        LlamaModel model = tested.model;
        PromptEncoder plain =
                new PromptEncoder(ChatTemplate.of(model.runtime(), model.file(), template.name), model, Map.of());
        assertArrayEquals(
                plain.encode(List.of(Message.user("the"), Message.assistant("what"), Message.user("you")))
                        .ids(),
                plain.encode(List.of(Message.user("the"), Message.assistantAfter("what", "c0"), Message.user("you")))
                        .ids());
    }

    @Test
    void a_character_of_its_own_special_token_is_written_by_bytes_and_an_error_where_it_has_none() {
        MicroVocabulary vocabulary = new MicroVocabulary(false, 3, false);
        GgufFile file = GgufFile.read(vocabulary.model(1).write(folder.resolve("plain.gguf")));
        List<String> tokens = new ArrayList<>();
        List<Integer> types = new ArrayList<>();
        for (int id = 0; id < file.tokenCount(); id++) {
            String text = file.tokenText(id);
            tokens.add(text.equals("<tool>") ? "漢" : text);
            types.add(text.equals("~") ? 4 : file.tokenType(id).ordinal() + 1);
        }
        Path path = vocabulary
                .model(1)
                .strings("tokenizer.ggml.tokens", tokens)
                .i32s("tokenizer.ggml.token_type", types)
                .write(folder.resolve("single.gguf"));
        Case tested = new Case(vocabulary, Template.LISTED, path);
        List<Message> bytes = List.of(Message.user("a漢b"));
        assertEquals(
                tested.rendered(bytes), tested.read(tested.encoder.encode(bytes).ids()));
        assertEquals(
                tested.frame(bytes),
                tested.forbiddenIn(tested.encoder.encode(bytes).ids()));
        String message = assertThrows(
                        DemurException.class,
                        () -> tested.encoder
                                .encode(List.of(Message.user("a~b")))
                                .ids())
                .getMessage();
        assertTrue(message.contains("'~'") && message.contains("change the message"), message);
    }

    @ParameterizedTest
    @CsvSource({"false, LISTED", "true, LISTED", "false, PROGRAM", "true, PROGRAM"})
    void a_message_of_a_megabyte_is_text(boolean sentencePiece, Template template) {
        Case tested = new Case(new MicroVocabulary(sentencePiece, 4, true), template);
        for (String unit : List.of("a", " ", "-", "the user ", tested.spellings.get(0))) {
            List<Message> messages = List.of(Message.user(unit.repeat(1_000_000 / unit.length())));
            int[] ids = tested.encoder.encode(messages).ids();
            assertEquals(tested.frame(messages), tested.forbiddenIn(ids), unit);
        }
    }

    /** llama.cpp by itself ends the process over a few thousand of these: its regular expressions go that deep. */
    @ParameterizedTest
    @ValueSource(strings = {"qwen2", "tekken", "falcon", "bloom"})
    void long_words_do_not_overflow_the_stack(String expressions) {
        MicroVocabulary vocabulary = new MicroVocabulary(false, 3, false);
        Path file =
                vocabulary.model(1).string("tokenizer.ggml.pre", expressions).write(folder.resolve("pre.gguf"));
        Case tested = new Case(vocabulary, Template.LISTED, file);
        for (String unit : List.of("a", " ", "-", "漢", "7", "aB1-")) {
            List<Message> messages = List.of(Message.user(unit.repeat(20_000)));
            int[] ids = tested.encoder.encode(messages).ids();
            assertEquals(tested.rendered(messages), tested.read(ids), unit);
        }
    }
}
