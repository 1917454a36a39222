package dev.demur.desktop.model;

import dev.demur.Conversation;
import dev.demur.Demur;
import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.calibration.Provenance;
import dev.demur.dataset.PromptHash;
import dev.demur.dataset.RowLabels;
import dev.demur.gguf.Metadata;
import dev.demur.internal.Internals;
import dev.demur.llama.Device;
import dev.demur.llama.Message;
import dev.demur.policy.Labels;
import dev.demur.policy.Preset;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.readout.HeadFile;
import dev.demur.scoring.PromptScorer;
import dev.demur.scoring.ScoreMeta;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** A model loaded by the library. */
public final class DemurSession implements ModelSession {

    private final Path file;
    private final Demur demur;
    private final Conversation conversation;

    /** What scores of this model are made with. To tell the model by its file takes long, so it is done once. */
    private final ScoreMeta madeWith;

    private DemurSession(Path file, Demur demur) {
        this.file = file;
        this.demur = demur;
        this.madeWith = new PromptScorer(demur).meta(null, RefusalPolicy.DEFAULT_TEMPERATURE, "");
        this.conversation = demur.converse();
    }

    /** Loads a model; errors are those of {@link Demur#load(Path, LoadOptions)}. */
    public static ModelSession load(Path file, LoadOptions options) {
        Demur demur = Demur.load(file, options);
        try {
            demur.policy(); // a policy that is not valid is told now
            return new DemurSession(file, demur);
        } catch (RuntimeException e) {
            demur.close();
            throw e;
        }
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public Labels labels() {
        return demur.labels();
    }

    @Override
    public ReadoutIdentity readout() {
        return demur.readout().identity();
    }

    @Override
    public String readoutDescription() {
        return demur.readout().description();
    }

    @Override
    public RefusalPolicy ownPolicy() {
        return demur.policy();
    }

    @Override
    public List<Preset> presets() {
        return demur.presets();
    }

    @Override
    public RefusalPolicy preset(Preset preset) {
        return demur.policy(preset);
    }

    @Override
    public Optional<Provenance> provenance(RefusalPolicy policy) {
        return Provenance.of(policy, madeWith.withTemperature(policy.temperature()));
    }

    @Override
    public int contextSize() {
        return demur.contextSize();
    }

    @Override
    public int threads() {
        return demur.threads();
    }

    @Override
    public List<String> devices() {
        return demur.model().devices().stream()
                .filter(Device::isGpu)
                .map(Device::description)
                .toList();
    }

    @Override
    public boolean fellBack() {
        return demur.options().devices().isEmpty()
                && demur.options().gpuLayers() != 0
                && demur.model().gpuLayers() == 0
                && Internals.of(demur).model().runtime().describe().devices().stream()
                        .anyMatch(Device::isGpu);
    }

    @Override
    public Generation answer(List<Message> messages, GenerationOptions options, GenerationListener listener) {
        conversation.reset(); // the context keeps its tokens, and decodes what is new
        conversation.add(messages.toArray(Message[]::new));
        return conversation.generate(options, listener);
    }

    @Override
    public void serve(LocalServer.Running server, RefusalPolicy policy) {
        server.serve(demur, file, policy, provenance(policy));
    }

    @Override
    public PromptScorer scorer() {
        return new PromptScorer(demur);
    }

    @Override
    public RowLabels rowLabels() {
        return new RowLabels(demur.readout());
    }

    @Override
    public Predicate<String> fitted() {
        Metadata keys =
                HeadFile.find(demur.decidingModel().file(), demur.options().readout());
        if (keys == null || !HeadFile.isIn(keys)) {
            return prompt -> false;
        }
        long[] hashes = HeadFile.read(keys).facts().trainedOn();
        Arrays.sort(hashes);
        return prompt -> Arrays.binarySearch(hashes, PromptHash.leading(prompt)) >= 0;
    }

    @Override
    public void close() {
        conversation.close();
        demur.close();
    }
}
