package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.demur.bindings.JavaProcess;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.evaluation.TextEvaluator;
import dev.demur.llama.Message;
import dev.demur.policy.Preset;
import dev.demur.policy.Reading;
import dev.demur.readout.words.Frames;
import dev.demur.scoring.PromptScorer;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoreSink;
import dev.demur.scoring.ScoreWriter;
import dev.demur.scoring.ScoredPrompts;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** What a program that embeds Demur may get wrong. */
class WrongArgumentsIT {

    private static final Path MODEL = Path.of("models", "demur-tiny.gguf");
    private static final List<Message> ASKED = List.of(Message.user("Hello"));

    @SuppressWarnings("DataFlowIssue")
    @Test
    void null_arguments_are_illegal_arguments(@TempDir Path folder) {
        assertThrows(IllegalArgumentException.class, () -> Demur.load((Path) null));
        assertThrows(IllegalArgumentException.class, () -> Demur.load((InputStream) null, LoadOptions.DEFAULTS));
        assertThrows(IllegalArgumentException.class, () -> Demur.load((ByteBuffer) null, LoadOptions.DEFAULTS));
        assertThrows(IllegalArgumentException.class, () -> Demur.load(ByteBuffer.allocate(4), null));
        assertThrows(IllegalArgumentException.class, () -> Demur.load(MODEL, null));
        try (Demur demur = Demur.load(MODEL);
                Conversation conversation = demur.converse();
                FrameAsker asker = demur.frameAsker();
                ScoreWriter writer = ScoreWriter.open(folder.resolve("s.jsonl"), meta(demur))) {
            PromptScorer scorer = new PromptScorer(demur);
            PromptSource prompts = (PromptSource) ExampleArguments.of(PromptSource.class);
            ScoreSink sink = (ScoreSink) ExampleArguments.of(ScoreSink.class);
            LabelledPrompt row = new LabelledPrompt(1, "1", null, false, "Hello");
            Reading reading = demur.decide("Hello").reading();
            TextEvaluator evaluator =
                    new TextEvaluator(demur, ScoredPrompts.builder(meta(demur)).build(), demur.policy(), 1);
            GenerationOptions options = GenerationOptions.DEFAULTS;
            List<Message> hole = Arrays.asList((Message) null);
            List<Executable> wrong = List.of(
                    () -> demur.decide((String) null),
                    () -> demur.decide((Request) null),
                    () -> Request.of((String) null),
                    () -> Request.of((List<Message>) null),
                    () -> Request.of(hole),
                    () -> Request.of(null, options),
                    () -> Request.of(ASKED, null),
                    () -> Request.of(ASKED).withOptions(null),
                    () -> demur.promptTokens(null),
                    () -> demur.replyTokens(null),
                    () -> demur.countTokens(null),
                    () -> demur.policy((Preset) null),
                    () -> demur.withFrame(null),
                    () -> asker.ask(null, ASKED, false, null),
                    () -> asker.ask(Frames.named(Frames.names().get(0)), null, false, null),
                    () -> scorer.meta(null, 1, null),
                    () -> scorer.score(null, null, 1, sink),
                    () -> scorer.score(prompts, null, 1, null),
                    () -> writer.lacks(null),
                    () -> writer.write(null, reading),
                    () -> writer.write(row, null),
                    () -> writer.write(null, reading, true),
                    () -> writer.write(row, null, true),
                    () -> evaluator.add(null),
                    () -> demur.generateAsync(null),
                    () -> demur.decideAll(null),
                    () -> demur.decideAll(Arrays.asList((Request) null)),
                    () -> demur.generate((String) null),
                    () -> demur.generate((Request) null),
                    () -> demur.generate(null, text -> {}),
                    () -> demur.generate(Request.of(ASKED, options), null),
                    () -> demur.generateAll(null),
                    () -> demur.generateAll(Arrays.asList((Request) null)),
                    () -> demur.generateAll(List.of(Request.of(ASKED)), null),
                    () -> demur.stream(null),
                    () -> conversation.add((Message[]) null),
                    () -> conversation.add((Message) null),
                    () -> conversation.ask(null, options, text -> {}),
                    () -> conversation.ask("Hello", null, text -> {}),
                    () -> conversation.ask("Hello", options, null),
                    () -> conversation.generate(null, text -> {}),
                    () -> conversation.generate(options, null));
            for (int i = 0; i < wrong.size(); i++) {
                assertThrows(IllegalArgumentException.class, wrong.get(i), "case " + i);
            }
            assertEquals(List.of(), conversation.history());
        }
    }

    private static ScoreMeta meta(Demur demur) {
        return new PromptScorer(demur).meta(null, 1, "");
    }

    /** Decides twice by tokens that the model never begins a reply with. */
    static final class Mapped {
        public static void main(String[] arguments) {
            LoadOptions mapped = LoadOptions.DEFAULTS.withControlTokens(
                    new TreeMap<>(Map.of("odd", "<|im_start|>", "respond", "<|im_end|>")));
            try (Demur demur = Demur.load(MODEL, mapped)) {
                if (!demur.decide("Hello").reading().hasLowCoverage()
                        || !demur.generate("Hello").decision().reading().hasLowCoverage()) {
                    throw new IllegalStateException("the model chooses these tokens");
                }
            }
        }
    }

    @Test
    void a_mapping_to_tokens_that_the_model_does_not_choose_warns_in_the_log_once()
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(JavaProcess.java(), "-XX:+IgnoreUnrecognizedVMOptions", "--enable-native-access=ALL-UNNAMED"));
        command.addAll(JavaProcess.settings("demur.binding", "demur.llama"));
        command.addAll(List.of("-Ddemur.log=warning", "-cp", JavaProcess.classPath(), Mapped.class.getName()));
        JavaProcess run = JavaProcess.run(Path.of("."), Map.of(), command);
        assertEquals(0, run.status(), run.err());
        assertEquals("", run.out());
        assertEquals(2, run.err().split("what is decided between has only", -1).length, run.err());
    }
}
