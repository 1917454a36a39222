package dev.demur.cli.serve;

import com.google.gson.JsonArray;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import org.jspecify.annotations.Nullable;

/**
 * The policy that decides, and what it promises here.
 *
 * @param policy what decides
 * @param source where it came from
 * @param promise what it promises, in words; null where it promises nothing
 * @param holds whether what runs is what it was calibrated with, so that the promise holds; false without a promise
 * @param differences how what runs differs from that, as {@code ask --json} writes it; empty for a policy without a calibration
 * @param watch what watches whether it goes on holding, closed with the server; null: nothing does
 */
public record ServedPolicy(
        RefusalPolicy policy,
        String source,
        @Nullable String promise,
        boolean holds,
        JsonArray differences,
        @Nullable PromiseWatch watch) {

    /** A policy whose promise nothing watches. */
    public ServedPolicy(
            RefusalPolicy policy, String source, @Nullable String promise, boolean holds, JsonArray differences) {
        this(policy, source, promise, holds, differences, null);
    }

    /**
     * Has a decision watched, where anything is.
     *
     * @return the id where somebody is to label it; else null
     */
    @Nullable
    String observe(String id, Decision decision) {
        return watch == null ? null : watch.observe(id, decision);
    }
}
