package dev.demur;

import java.util.List;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The contract on the device of a llama.cpp with Vulkan, which {@code demur.llama.vulkan} names, beside the processor.
 *
 * <p>Nothing here changes from the graph to the host in one context: llama.cpp then frees its buffers, after which Mesa
 * 22.3's device in software crashes.
 */
@EnabledIfSystemProperty(
        named = "demur.llama.vulkan",
        matches = ".+",
        disabledReason = "no llama.cpp with Vulkan is named by demur.llama.vulkan; native/fetch-llama brings one")
class GraphVulkanIT extends GraphContract {

    @Override
    LoadOptions device() {
        return VulkanIT.vulkan();
    }

    @Override
    LoadOptions processor() {
        return device().withDevices(List.of("CPU"));
    }

    @Override
    int words() {
        return 3;
    }

    /** The logits are other ones, so far apart that scores by the rule relative were seen to differ by 0.012. */
    @Override
    double band() {
        return 2e-2;
    }
}
