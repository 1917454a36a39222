package dev.demur.readout.internal;

import dev.demur.gguf.Metadata;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyException;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Preset;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The policies that come with a model or a head, for what it is decided by. */
public final class OwnPolicy {

    private final @Nullable Metadata keys;
    private final Labels labels;
    private final ReadoutIdentity readout;

    /**
     * The policies among a file's keys.
     *
     * @param keys of the model's file, or of the head's; null where what decides comes with no policy
     */
    public OwnPolicy(@Nullable Metadata keys, Labels labels, ReadoutIdentity readout) {
        this.keys = keys;
        this.labels = labels;
        this.readout = readout;
    }

    /**
     * The policy that applies where none is named: {@link Preset#BALANCED}, else the rule {@code threshold} with 0.5 for
     * every category.
     *
     * @throws PolicyException if it is not valid or not for this readout; the message names the file
     */
    public RefusalPolicy policy() {
        return json(Preset.BALANCED) == null
                ? RefusalPolicy.defaults(labels, readout, Rule.THRESHOLD)
                : policy(Preset.BALANCED);
    }

    /**
     * A preset.
     *
     * @throws PolicyException if the file does not have it, or it is not valid or not for this readout; the message names the
     *     file
     */
    public RefusalPolicy policy(Preset preset) {
        String json = json(preset);
        if (json == null) {
            String others = presets().stream().map(Preset::id).collect(Collectors.joining(", "));
            throw new PolicyException(file() + ": has no preset " + preset.id() + " (" + preset.key()
                    + "): it comes with " + (others.isEmpty() ? "none" : others));
        }
        String source = file() + ": " + preset.key();
        RefusalPolicy policy = PolicyFile.parse(json, source);
        policy.requireFits(labels, readout, source);
        return policy;
    }

    /** Those that the file has, valid or not. */
    public List<Preset> presets() {
        return Arrays.stream(Preset.values())
                .filter(preset -> json(preset) != null)
                .toList();
    }

    private @Nullable String json(Preset preset) {
        return keys == null ? null : keys.string(preset.key());
    }

    private String file() {
        return keys == null ? "the readout" : keys.file();
    }
}
