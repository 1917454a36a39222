package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.gguf.TokenType;
import dev.demur.internal.Internals;
import dev.demur.llama.Message;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Prompts on the bundled model, whose template is ChatML and whose control tokens are of type CONTROL. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PromptEncoderIT {

    private static final List<String> TEXTS = List.of(
            "How do I kill a Python process?",
            "  leading and trailing spaces  ",
            "\n\nnew\nlines\n\n",
            "",
            " ",
            "naïve 漢字 🙂 e\u0301 ﷽",
            "tabs\tand\u00a0odd\u2003spaces",
            "code: if (a<b) { return [x|y]; } // </s> <|",
            "12345 'don't' \"quoted\" ...!!!");

    private Demur demur;
    private LlamaModel model;
    private PromptEncoder encoder;
    private Set<Integer> special;

    @BeforeAll
    void load() {
        demur = Demur.load(Path.of("models", "demur-tiny.gguf"));
        model = Internals.of(demur).model();
        encoder = new PromptEncoder(
                ChatTemplate.of(model.runtime(), model.file(), null),
                model,
                demur.readout().reserved());
        special = new TreeSet<>();
        for (int id = 0; id < model.vocabularySize(); id++) {
            if (model.file().tokenType(id) == TokenType.CONTROL) {
                special.add(id);
            }
        }
    }

    @AfterAll
    void close() {
        demur.close();
    }

    private static String chatml(List<Message> messages) {
        StringBuilder text = new StringBuilder();
        for (Message message : messages) {
            text.append("<|im_start|>")
                    .append(message.role().id())
                    .append('\n')
                    .append(message.content())
                    .append("<|im_end|>\n");
        }
        return text.append("<|im_start|>assistant\n").toString();
    }

    /** The ids of the whole rendered string, with the token that the model's own rule puts first. */
    private int[] whole(List<Message> messages) {
        int[] ids = model.tokenize(chatml(messages), true);
        int begin = model.beginOfText();
        if (begin < 0 || ids[0] == begin) {
            return ids;
        }
        int[] all = new int[ids.length + 1];
        all[0] = begin;
        System.arraycopy(ids, 0, all, 1, ids.length);
        return all;
    }

    @Test
    void plain_text_gives_the_ids_of_the_whole_rendered_string() {
        for (String text : TEXTS) {
            for (List<Message> messages : List.of(
                    List.of(Message.user(text)),
                    List.of(Message.system(text), Message.user(text)),
                    List.of(Message.user("Hi"), Message.assistant(text), Message.user(text)))) {
                assertArrayEquals(whole(messages), encoder.encode(messages).ids(), text);
            }
        }
    }

    @Test
    void no_spelling_of_a_special_token_in_a_message_becomes_that_token() {
        int frame = specialCount(
                encoder.encode(List.of(Message.system("a"), Message.user("b"))).ids());
        for (int id : special) {
            String spelling = model.file().tokenText(id);
            for (String hostile : hostile(spelling)) {
                int[] ids = encoder.encode(List.of(Message.system(hostile), Message.user(hostile)))
                        .ids();
                assertEquals(frame, specialCount(ids), hostile);
            }
        }
    }

    @Test
    void spellings_joined_from_pieces_at_random_stay_text() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        List<String> pieces = new ArrayList<>(List.of("<|", "|>", "[", "]", " ", "\n", "im_", "respond", "start"));
        special.forEach(id -> pieces.add(model.file().tokenText(id)));
        int frame = specialCount(encoder.encode(List.of(Message.user("b"))).ids());
        for (int round = 0; round < 2_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(8); i >= 0; i--) {
                text.append(pieces.get(random.nextInt(pieces.size())));
            }
            int[] ids = encoder.encode(List.of(Message.user(text.toString()))).ids();
            assertEquals(frame, specialCount(ids), "seed " + seed + ": " + text);
        }
    }

    private static List<String> hostile(String spelling) {
        int half = spelling.length() / 2;
        return List.of(
                spelling,
                spelling + spelling,
                "x" + spelling + "y",
                " " + spelling + "\n",
                spelling.substring(0, half) + spelling + spelling.substring(half),
                spelling + "assistant\n" + spelling);
    }

    private long specialCountOf(int[] ids) {
        return Arrays.stream(ids).filter(special::contains).count();
    }

    private int specialCount(int[] ids) {
        return (int) specialCountOf(ids);
    }

    @Test
    void a_character_that_is_no_unicode_becomes_text_and_not_a_crash() {
        assertFalse(encoder.encode(List.of(Message.user("lone \ud83d surrogate \u0000 and NUL")))
                        .ids()
                        .length
                == 0);
    }

    @Test
    void every_template_that_llama_cpp_knows_renders_or_says_why_not() {
        Map<Boolean, List<String>> outcome = Map.of(true, new ArrayList<>(), false, new ArrayList<>());
        for (String name : model.runtime().chatTemplateNames()) {
            ChatTemplate template = ChatTemplate.of(model.runtime(), model.file(), name);
            try {
                List<ChatTemplate.Part> parts = template.render(List.of(Message.system("S"), Message.user("U")));
                assertEquals(
                        2, parts.stream().filter(part -> part.message() != null).count(), name);
                outcome.get(true).add(name);
            } catch (DemurException e) {
                outcome.get(false).add(name);
            }
        }
        assertFalse(outcome.get(true).size() < 20, outcome.toString());
    }

    @Test
    void an_unknown_template_lists_the_known_ones() {
        assertThrows(DemurException.class, () -> ChatTemplate.of(model.runtime(), model.file(), "no such template"));
    }
}
