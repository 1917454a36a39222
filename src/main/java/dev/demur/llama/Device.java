package dev.demur.llama;

import dev.demur.arguments.Given;

/**
 * A device that llama.cpp can compute on.
 *
 * @param name llama.cpp's short name, such as {@code CPU} or {@code Vulkan0}
 * @param description the hardware's name
 * @param type {@code cpu}, {@code gpu}, {@code igpu} or {@code accel}
 * @param memoryFree bytes
 * @param memoryTotal bytes
 */
public record Device(String name, String description, String type, long memoryFree, long memoryTotal) {

    public Device {
        Given.value(name, "name");
        Given.value(description, "description");
        Given.value(type, "type");
    }

    /** Whether it is a graphics processor, with memory of its own or without. */
    public boolean isGpu() {
        return type.endsWith("gpu");
    }
}
