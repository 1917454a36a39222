package dev.demur.llama.internal;

import dev.demur.DemurException;
import dev.demur.gguf.GgufFile;
import dev.demur.llama.Device;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;

/**
 * Which devices hold a model's layers, and how many of them.
 *
 * @param devices GPUs that the layers are spread over; empty for the processor alone
 * @param gpuLayers how many layers lie on them, the last of the model; the output counts as one; 0 for the processor alone
 */
public record Placement(List<Device> devices, int gpuLayers) {

    /** Everything on the processor. */
    public static final Placement PROCESSOR = new Placement(List.of(), 0);

    private static final String PROCESSOR_TYPE = "cpu";

    public Placement {
        devices = List.copyOf(devices);
        if (devices.isEmpty() != (gpuLayers == 0) || gpuLayers < 0) {
            throw new IllegalArgumentException(gpuLayers + " layers on " + devices.size()
                    + " GPUs: there are layers where there are GPUs, and none where there is none");
        }
    }

    /**
     * Places a model.
     *
     * @param names devices by the names that llama.cpp gives them, in any case; empty for all GPUs, or the integrated
     *     ones where there are no others; {@code CPU} for the processor alone
     * @param gpuLayers how many layers go to a GPU; negative for as many as its free memory takes
     * @param contextTokens how many tokens the model's contexts will hold together, of a model that was trained for so many
     * @throws DemurException if a device is not there, or layers are to lie on a GPU and there is none
     */
    public static Placement choose(
            LlamaRuntime runtime, GgufFile file, List<String> names, int gpuLayers, IntUnaryOperator contextTokens) {
        LlamaRuntime.Description llama = runtime.describe();
        List<Device> gpus = names.isEmpty() ? defaults(llama.devices()) : named(llama, names);
        if (gpus.isEmpty() && gpuLayers > 0) {
            throw new DemurException("there is no GPU to put " + gpuLayers + " layers on: "
                    + (names.isEmpty() ? known(llama) : "the CPU was named"));
        }
        if (gpus.isEmpty() || gpuLayers == 0) {
            return PROCESSOR;
        }
        int trained = (int) Math.min(file.hyperparameter("context_length").orElse(0), Integer.MAX_VALUE);
        int layers = gpuLayers > 0
                ? gpuLayers
                : LayerFit.of(file, contextTokens.applyAsInt(trained)).layers(gpus);
        return layers == 0 ? PROCESSOR : new Placement(gpus, layers);
    }

    /**
     * Checks names of devices.
     *
     * @throws DemurException if one is not there, with those that are
     */
    public static void requireKnown(LlamaRuntime runtime, List<String> names) {
        named(runtime.describe(), names);
    }

    /** The names for {@code demur.h}, one a line. */
    String lines() {
        return devices.stream().map(Device::name).collect(Collectors.joining("\n"));
    }

    private static List<Device> defaults(List<Device> devices) {
        List<Device> own =
                devices.stream().filter(device -> device.type().equals("gpu")).toList();
        return own.isEmpty() ? devices.stream().filter(Device::isGpu).toList() : own;
    }

    /** The GPUs among the named devices. */
    private static List<Device> named(LlamaRuntime.Description llama, List<String> names) {
        List<Device> gpus = new ArrayList<>();
        boolean processor = false;
        for (String name : names) {
            Device device = llama.devices().stream()
                    .filter(known -> known.name().equalsIgnoreCase(name))
                    .findFirst()
                    .orElseThrow(() -> new DemurException("there is no device '" + name + "': " + known(llama)));
            if (device.isGpu() && !gpus.contains(device)) {
                gpus.add(device);
            } else if (device.type().equals(PROCESSOR_TYPE)) {
                processor = true;
            } else if (!device.isGpu()) {
                throw new DemurException(device.name() + " helps the CPU and holds no layers: it cannot be chosen");
            }
        }
        if (processor && !gpus.isEmpty()) {
            throw new DemurException("the CPU computes what lies on no GPU: name it alone or leave it out");
        }
        return gpus;
    }

    private static String known(LlamaRuntime.Description llama) {
        String devices = llama.devices().stream()
                .filter(device -> device.isGpu() || device.type().equals(PROCESSOR_TYPE))
                .map(device -> device.name() + " (" + device.description() + ")")
                .collect(Collectors.joining(", "));
        String problems = String.join("; ", llama.backendProblems());
        return "this llama.cpp has " + devices + (problems.isEmpty() ? "" : "; " + problems);
    }
}
