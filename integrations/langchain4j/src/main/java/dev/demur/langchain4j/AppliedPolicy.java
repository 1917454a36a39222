package dev.demur.langchain4j;

import dev.demur.Demur;
import dev.demur.calibration.Promise;
import dev.demur.policy.RefusalPolicy;
import java.lang.System.Logger.Level;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A policy that fits the model, and what it promises there.
 *
 * @param policy what decides
 * @param promise what it promises here
 */
record AppliedPolicy(RefusalPolicy policy, Promise promise) {

    static final String LOGGER = "dev.demur.langchain4j";

    /** The policies that were warned of, by the model: several surfaces mostly share both. */
    private static final Map<Demur, Set<String>> TOLD = Collections.synchronizedMap(new WeakHashMap<>());

    /**
     * Checks a policy against a model; names its promise in the log, or warns there that it does not hold, once for both.
     *
     * @throws dev.demur.policy.PolicyException if the policy is not for this model
     */
    static AppliedPolicy of(RefusalPolicy policy, String source, Demur demur) {
        policy.requireFits(demur.labels(), demur.readout().identity(), source);
        AppliedPolicy applied = new AppliedPolicy(policy, Promise.of(policy, demur, null));
        if (applied.promise().problem() == null) {
            System.getLogger(LOGGER).log(Level.DEBUG, applied.promise().sentence(source));
        } else if (TOLD.computeIfAbsent(demur, key -> ConcurrentHashMap.newKeySet())
                .add(policy.checksum())) {
            System.getLogger(LOGGER).log(Level.WARNING, applied.promise().sentence(source));
        }
        return applied;
    }
}
