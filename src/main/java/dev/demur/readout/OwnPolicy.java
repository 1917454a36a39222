package dev.demur.readout;

import dev.demur.policy.Labels;
import dev.demur.policy.PolicyException;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Preset;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The policies that come with a model or a head, for what it is decided by. */
public final class OwnPolicy {

    private final Function<String, @Nullable String> keys;
    private final String file;
    private final Labels labels;
    private final ReadoutIdentity readout;

    /**
     * The policies among a file's keys.
     *
     * @param keys the text under a key, null where there is none
     * @param file the name of the file, for messages
     */
    public OwnPolicy(Function<String, @Nullable String> keys, String file, Labels labels, ReadoutIdentity readout) {
        this.keys = keys;
        this.file = file;
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
        return keys.apply(Preset.BALANCED.key()) == null
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
        String json = keys.apply(preset.key());
        if (json == null) {
            String others = presets().stream().map(Preset::id).collect(Collectors.joining(", "));
            throw new PolicyException(file + ": has no preset " + preset.id() + " (" + preset.key()
                    + "): it comes with " + (others.isEmpty() ? "none" : others));
        }
        String source = file + ": " + preset.key();
        RefusalPolicy policy = PolicyFile.parse(json, source);
        policy.requireFits(labels, readout, source);
        return policy;
    }

    /** Those that the file has, valid or not. */
    public List<Preset> presets() {
        return Arrays.stream(Preset.values())
                .filter(preset -> keys.apply(preset.key()) != null)
                .toList();
    }
}
