package dev.demur.llama.internal;

import dev.demur.gguf.GgufFile;
import dev.demur.llama.Device;
import dev.demur.llama.ModelInfo;
import java.util.List;

/**
 * What users are told of a model: never the model itself, which they could close.
 *
 * @param runtime stays open as long as the process
 */
record LoadedModelInfo(
        GgufFile file,
        LlamaRuntime runtime,
        Placement placement,
        int vocabularySize,
        int trainedContext,
        int layers,
        int embeddingSize)
        implements ModelInfo {

    @Override
    public String llama() {
        LlamaRuntime.Description llama = runtime.describe();
        return (llama.abi() + " " + llama.version()).strip();
    }

    @Override
    public List<Device> devices() {
        return placement.devices().isEmpty()
                ? runtime.describe().devices().stream()
                        .filter(device -> !device.isGpu())
                        .toList()
                : placement.devices();
    }

    @Override
    public int gpuLayers() {
        return placement.gpuLayers();
    }
}
