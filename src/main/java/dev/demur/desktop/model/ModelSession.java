package dev.demur.desktop.model;

import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.calibration.Provenance;
import dev.demur.dataset.RowLabels;
import dev.demur.llama.Message;
import dev.demur.policy.Labels;
import dev.demur.policy.Preset;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.PromptScorer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** A loaded model as the application uses it: one conversation's memory, for one request after another. */
public interface ModelSession extends AutoCloseable {

    /** The file that it was loaded from. */
    Path file();

    /** What prompts are decided to be. */
    Labels labels();

    /** What the numbers are read by. */
    ReadoutIdentity readout();

    /** What decides, in a few words. */
    String readoutDescription();

    /** The policy that the model comes with. */
    RefusalPolicy ownPolicy();

    /** The policies that it comes with. */
    List<Preset> presets();

    /** One of these. */
    RefusalPolicy preset(Preset preset);

    /** How a policy's calibration differs from what is used here; empty where it has none. */
    Optional<Provenance> provenance(RefusalPolicy policy);

    /** How many tokens prompt and answer may have together. */
    int contextSize();

    /** How many threads compute. */
    int threads();

    /** The devices that layers lie on; empty for the processor alone. */
    List<String> devices();

    /** Whether there is a GPU and none of the layers fit on it, so that the processor computes alone. */
    boolean fellBack();

    /**
     * Answers a conversation; what it has in common with the one before is not decoded again. Errors are those of {@link
     * dev.demur.Conversation#generate}.
     */
    Generation answer(List<Message> messages, GenerationOptions options, GenerationListener listener);

    /** Has a server answer by this model from now on; waits for nothing. */
    void serve(LocalServer.Running server, RefusalPolicy policy);

    /** Reads the numbers of many prompts. */
    PromptScorer scorer();

    /** What makes rows of the categories of data. */
    RowLabels rowLabels();

    /** Whether the head that decides was fitted on a prompt, so that it scores it better than others. */
    Predicate<String> fitted();

    @Override
    void close();
}
