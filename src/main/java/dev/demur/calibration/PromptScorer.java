package dev.demur.calibration;

import dev.demur.LoadOptions;
import dev.demur.gguf.GgufFile;
import dev.demur.llama.ChatTemplate;
import dev.demur.llama.ControlTokenFinder;
import dev.demur.llama.LlamaModel;
import dev.demur.llama.LlamaRuntime;
import dev.demur.llama.Message;
import dev.demur.llama.PromptEncoder;
import dev.demur.policy.ControlTokens;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the first-position probabilities of many prompts, as fast as the machine allows.
 *
 * <p>The probabilities are those that {@link dev.demur.Demur#decide} decides by, within the noise that the shape of a
 * batch makes; they do not depend on how many processors there are, nor on which rows are wanted. For one thread at a
 * time.
 */
public final class PromptScorer implements AutoCloseable {

    private final LlamaModel model;
    private final ControlTokens tokens;
    private final PromptEncoder encoder;
    private final ScoringPlan plan;
    private final int longest;
    private final @Nullable String template;

    private PromptScorer(LlamaModel model, ControlTokens tokens, LoadOptions options, @Nullable ScoringPlan plan) {
        this.model = model;
        this.tokens = tokens;
        this.encoder = new PromptEncoder(
                ChatTemplate.of(model.runtime(), model.file(), options.chatTemplate()), model, tokens);
        this.plan = plan != null ? plan : ScoringPlan.of(model, options);
        this.longest = options.contextSizeOrDefault(model.trainedContext());
        this.template = options.chatTemplate() != null
                ? options.chatTemplate()
                : model.file().chatTemplate();
    }

    /**
     * Loads a model for scoring.
     *
     * @param options of these the kernel does not count: scores are read by the scalar one, which is exact; {@code threads}
     *     is the number of processors to use, the context size the most tokens of a prompt
     * @throws IllegalArgumentException as for {@link dev.demur.Demur#load(Path, LoadOptions)}, as all else
     */
    public static PromptScorer load(Path file, LoadOptions options) {
        return load(file, options, null);
    }

    /** With a plan other than the one that suits model and machine. */
    static PromptScorer load(Path file, LoadOptions options, @Nullable ScoringPlan plan) {
        GgufFile gguf = GgufFile.read(file);
        ControlTokens tokens =
                ControlTokenFinder.find(gguf, options.controlTokens()).tokens();
        LlamaRuntime runtime = LlamaRuntime.open(options.llama());
        int sequences = plan == null ? ScoringPlan.MOST_SEQUENCES : plan.contexts() * plan.sequences();
        LlamaModel model =
                LlamaModel.load(runtime, gguf, file, options.placement(runtime, gguf, sequences), null, null);
        try {
            return new PromptScorer(model, tokens, options, plan);
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** The model's control tokens, in the order of its categories. */
    public ControlTokens controlTokens() {
        return tokens;
    }

    /** The loaded model. */
    public LlamaModel model() {
        return model;
    }

    /**
     * What scores are made with and from.
     *
     * @param system the system message before every prompt; null: none
     * @param temperature &tau; of the softmax
     * @param dataHash identifies the data
     */
    public ScoreMeta meta(@Nullable String system, double temperature, String dataHash) {
        return ScoreMeta.of(model, tokens, template, system, temperature, dataHash);
    }

    /**
     * Scores the rows that the sink wants. Holds a bounded number of rows at a time.
     *
     * @param system the system message before every prompt; null: none
     * @param temperature &tau; of the softmax, above 0
     * @throws IOException if the data cannot be read on, or from the sink
     * @throws InterruptedException if the thread is interrupted: scoring ends after the decodes that are under way
     * @throws IllegalArgumentException if the chat template cannot render such prompts
     * @throws dev.demur.llama.LlamaException if llama.cpp fails
     */
    public void score(PromptSource prompts, @Nullable String system, double temperature, ScoreSink sink)
            throws IOException, InterruptedException {
        PromptDecoder.Reading reading = new PromptDecoder.Reading(
                text -> encode(system, text), beginning(system), longest, tokens, temperature);
        try (ScoringRun run = new ScoringRun(prompts, sink, plan, () -> new PromptDecoder(model, plan, reading))) {
            run.run();
        }
    }

    /** The tokens that all prompts begin with, but for those whose first letters melt into the template's text. */
    private int[] beginning(@Nullable String system) {
        int[] one = encode(system, "Who");
        int[] other = encode(system, "3");
        int common = 0;
        while (common < Math.min(one.length, other.length) && one[common] == other[common]) {
            common++;
        }
        return Arrays.copyOf(one, common);
    }

    private int[] encode(@Nullable String system, String prompt) {
        Message user = Message.user(prompt);
        return encoder.encode(system == null ? List.of(user) : List.of(Message.system(system), user));
    }

    @Override
    public void close() {
        model.close();
    }
}
