package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Policies of any bytes. The files beside it under {@code resources} are run by every build. */
class PolicyFuzzTest {

    @FuzzTest
    void a_policy_is_refused_in_a_sentence_or_reads_back_as_it_was(byte[] data) {
        RefusalPolicy policy;
        try {
            policy = PolicyFile.parse(new String(data, StandardCharsets.UTF_8), "fuzzed");
        } catch (PolicyException e) {
            return;
        }
        assertEquals(policy, PolicyFile.parse(PolicyFile.write(policy), "written"));
    }
}
