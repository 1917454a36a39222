package dev.demur.cli.serve;

import com.google.gson.JsonArray;
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
 */
public record ServedPolicy(
        RefusalPolicy policy, String source, @Nullable String promise, boolean holds, JsonArray differences) {}
