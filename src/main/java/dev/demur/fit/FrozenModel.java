package dev.demur.fit;

import dev.demur.LoadOptions;
import dev.demur.gguf.GgufFile;
import dev.demur.internal.LoadSizes;
import dev.demur.llama.HiddenState;
import dev.demur.llama.LlamaException;
import dev.demur.llama.Message;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.llama.internal.LlamaModel;
import dev.demur.llama.internal.LlamaRuntime;
import dev.demur.llama.internal.Placement;
import dev.demur.llama.internal.PromptEncoder;
import dev.demur.readout.internal.PromptStates;
import dev.demur.scoring.InferenceBackend;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** The model that a head is fitted for, loaded, and what is read of it. */
final class FrozenModel implements AutoCloseable {

    /** Where in the model a head reads: shares of its blocks. Those near the end know less of what was asked. */
    private static final double[] DEPTHS = {0.33, 0.47, 0.60, 0.73, 0.87};

    private static final int TRIAL_TOKENS = 32;

    private final LlamaModel model;
    private final LoadOptions options;
    private final ChatTemplate template;
    private final PromptEncoder encoder;
    private final List<HiddenState> values;

    private FrozenModel(LlamaModel model, LoadOptions options) {
        this.model = model;
        this.options = options;
        this.template =
                ChatTemplate.of(model.runtime(), model.file(), options.chatTemplate(), options.templateVariables());
        this.encoder = new PromptEncoder(template, model, Map.of());
        this.values = values((int) model.file().hyperparameter("block_count").orElse(0));
    }

    /**
     * Loads a model and looks whether its hidden states can be read.
     *
     * @throws LlamaException with reason UNSUPPORTED if they cannot, and as for {@link LlamaModel#load}
     */
    static FrozenModel load(Path file, LoadOptions options) {
        GgufFile gguf = GgufFile.read(file);
        LlamaRuntime runtime = LlamaRuntime.open(options.llama());
        Placement placement = Placement.choose(
                runtime, gguf, options.devices(), options.gpuLayers(), new LoadSizes(options)::cacheTokens);
        LlamaModel model = LlamaModel.load(runtime, gguf, file, placement, options.cancellation(), options.progress());
        try {
            FrozenModel frozen = new FrozenModel(model, options);
            try (LlamaContext trial = LlamaContext.create(model, TRIAL_TOKENS, TRIAL_TOKENS, 1, 1)) {
                PromptStates.on(trial, frozen.values);
            }
            return frozen;
        } catch (Throwable e) {
            model.close();
            throw e;
        }
    }

    /**
     * What is read: behind each layer the state at the end of the prompt, and then behind each the mean over the message, which
     * the last block has none of.
     */
    static List<HiddenState> values(int blocks) {
        TreeSet<Integer> layers = new TreeSet<>();
        for (double depth : DEPTHS) {
            layers.add(Math.max(0, Math.min(blocks - 2, (int) Math.round(depth * blocks) - 1)));
        }
        List<HiddenState> values = new ArrayList<>();
        layers.forEach(layer -> values.add(new HiddenState(layer, HiddenState.Pooling.LAST)));
        if (blocks > 1) {
            layers.forEach(layer -> values.add(new HiddenState(layer, HiddenState.Pooling.MEAN)));
        }
        return values;
    }

    LlamaModel model() {
        return model;
    }

    GgufFile file() {
        return model.file();
    }

    LoadOptions options() {
        return options;
    }

    /** In the order in which they are read. */
    List<HiddenState> values() {
        return values;
    }

    /** Of how many of the values heads are tried that read these alone: of all, and of those at the end of the prompt. */
    int[] candidates() {
        int last = (int) values.stream()
                .filter(value -> value.pooling() == HiddenState.Pooling.LAST)
                .count();
        return last == values.size() ? new int[] {last} : new int[] {last, values.size()};
    }

    /** How many numbers a value has. */
    int width() {
        return model.embeddingSize();
    }

    /** The template's name where one was given, else its text, as score files have it. */
    String templateNameOrText() {
        return template.nameOrText();
    }

    /** What renders it, likewise. */
    String rendererId() {
        return template.renderer().id();
    }

    EncodedPrompt encode(List<Message> messages) {
        return encoder.encode(messages);
    }

    /** The most tokens of a prompt. */
    int longest() {
        return new LoadSizes(options).contextSize(model.trainedContext());
    }

    InferenceBackend engine() {
        return InferenceBackend.of(model.info());
    }

    @Override
    public void close() {
        model.close();
    }
}
