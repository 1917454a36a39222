package dev.demur.langchain4j;

import dev.demur.Demur;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.RefusalPolicy;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What all that decides by a policy is built from.
 *
 * @param <B> the builder itself
 */
public abstract class PolicyBuilder<B extends PolicyBuilder<B>> {

    private @Nullable Demur demur;
    private @Nullable RefusalPolicy policy;
    private String source = "the model's own policy";

    PolicyBuilder() {}

    abstract B self();

    /** The loaded model that decides, and answers where something answers. Required; it stays the caller's. */
    public B demur(Demur newDemur) {
        this.demur = newDemur;
        return self();
    }

    /** The policy that decides; without one the model's own does, {@link Demur#policy()}. */
    public B policy(RefusalPolicy newPolicy) {
        this.policy = newPolicy;
        this.source = "the given policy";
        return self();
    }

    /**
     * The policy that decides, from a file as {@code demur calibrate} and {@code demur policy} write it.
     *
     * @throws dev.demur.policy.PolicyException if it cannot be read or is not valid
     */
    public B policyFile(Path file) {
        this.policy = PolicyFile.read(file);
        this.source = file.toString();
        return self();
    }

    Demur requireDemur() {
        if (demur == null) {
            throw new IllegalArgumentException("demur is missing: give the builder a model that Demur.load loaded");
        }
        return demur;
    }

    AppliedPolicy appliedPolicy() {
        Demur loaded = requireDemur();
        return AppliedPolicy.of(policy == null ? loaded.policy() : policy, source, loaded);
    }
}
