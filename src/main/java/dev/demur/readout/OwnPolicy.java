package dev.demur.readout;

import dev.demur.gguf.Metadata;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;

/** The policy that comes with a model or a head. */
public final class OwnPolicy {

    private OwnPolicy() {}

    /**
     * The policy among a file's keys, else the rule {@code threshold} with 0.5 for every category.
     *
     * @throws dev.demur.policy.PolicyException if it is not valid or not for this readout; the message names the file
     */
    public static RefusalPolicy of(Metadata keys, Labels labels, ReadoutIdentity readout) {
        String json = keys.string(HeadFacts.POLICY);
        if (json == null) {
            return RefusalPolicy.defaults(labels, readout, Rule.THRESHOLD);
        }
        String source = keys.file() + ": " + HeadFacts.POLICY;
        RefusalPolicy policy = PolicyFile.parse(json, source);
        policy.requireFits(labels, readout, source);
        return policy;
    }
}
