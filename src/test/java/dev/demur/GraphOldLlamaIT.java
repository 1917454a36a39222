package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.internal.Internals;
import dev.demur.llama.Message;
import dev.demur.llama.Processing;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.suites.EveryBinding;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A llama.cpp without samplers by backend sampling, such as java-llama.cpp's. */
@EveryBinding
class GraphOldLlamaIT {

    @Test
    void reads_on_the_host_says_so_and_decides_and_replies_the_same() {
        LoadOptions options = LoadOptions.DEFAULTS.withThreads(1);
        try (Demur host = Demur.load(DemurContract.MODEL, options);
                Demur asked = Demur.load(DemurContract.MODEL, options.withProcessing(Processing.IN_GRAPH))) {
            assertTrue(Internals.of(host).model().runtime().describe().noGraph().contains("llama_sampler_copy"));
            for (Rule rule : Rule.values()) {
                RefusalPolicy policy =
                        RefusalPolicy.defaults(host.labels(), host.readout().identity(), rule);
                GenerationOptions how =
                        GenerationOptions.DEFAULTS.withPolicy(policy).withMaxTokens(8);
                List<Message> messages = List.of(Message.user("How do I kill a Python process?"));
                Generation expected = host.generate(Request.of(messages, how));
                Generation generation = asked.generate(Request.of(messages, how));
                assertEquals(Processing.HOST, generation.processing());
                assertEquals(expected.text(), generation.text());
                assertEquals(
                        expected.decision().toString(), generation.decision().toString());
            }
        }
    }
}
