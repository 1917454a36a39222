package dev.demur.spring.boot;

import dev.demur.Demur;
import dev.demur.LoadOptions;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;

/** Loads the model that the properties name, and says which of them is wrong where that fails. */
final class ModelLoader {

    static final String MODEL = "demur.model";

    private static final String FILE = "file:";
    private static final String CLASSPATH = "classpath:";

    private ModelLoader() {}

    static Demur load(DemurProperties properties) {
        if (properties.model() == null || properties.model().isBlank()) {
            throw new DemurStartException(
                    MODEL,
                    "no model is named.",
                    "Set demur.model to the path of a GGUF file, or demur.enabled to false to start without Demur.",
                    null);
        }
        Path model = file(MODEL, properties.model());
        LoadOptions options = options(properties);
        try {
            return Demur.load(model, options);
        } catch (CancellationException e) {
            throw e;
        } catch (RuntimeException e) {
            throw new DemurStartException(
                    MODEL,
                    "the model could not be loaded: " + e.getMessage(),
                    "Correct what the message names. " + besides(properties),
                    e);
        }
    }

    private static LoadOptions options(DemurProperties properties) {
        LoadOptions options = LoadOptions.DEFAULTS.withGpuLayers(properties.gpuLayers());
        options = with("demur.devices", options, o -> o.withDevices(properties.devices()));
        options = with("demur.threads", options, o -> o.withThreads(properties.threads()));
        options = with("demur.context-length", options, o -> o.withContextSize(properties.contextLength()));
        options = with("demur.parallel", options, o -> o.withParallel(properties.parallel()));
        if (properties.chatTemplate() != null) {
            options = options.withChatTemplate(properties.chatTemplate());
        }
        if (properties.readout() != null) {
            options = options.withReadout(properties.readout());
        }
        if (properties.decider() != null) {
            options = options.withDecider(file("demur.decider", properties.decider()));
        }
        if (properties.llama() != null) {
            options = options.withLlama(place("demur.llama", properties.llama()));
        }
        return options;
    }

    private static LoadOptions with(String property, LoadOptions options, UnaryOperator<LoadOptions> change) {
        try {
            return change.apply(options);
        } catch (RuntimeException e) {
            throw new DemurStartException(property, e.getMessage() + ".", "Correct " + property + ".", e);
        }
    }

    /** A file that is there. */
    private static Path file(String property, String text) {
        Path file = place(property, text);
        if (!Files.isRegularFile(file)) {
            throw new DemurStartException(
                    property,
                    Files.exists(file)
                            ? file.toAbsolutePath() + " is no file."
                            : "there is no file " + file.toAbsolutePath() + ".",
                    "Set " + property + " to the path of a GGUF file. A relative path begins where the application is"
                            + " started: " + Path.of("").toAbsolutePath() + ".",
                    null);
        }
        return file;
    }

    /** A path, given as one or as a file: URL. */
    static Path place(String property, String text) {
        if (text.startsWith(CLASSPATH)) {
            throw new DemurStartException(
                    property,
                    "what lies inside of a jar cannot be mapped into memory.",
                    "Put the file beside the application and set " + property + " to its path.",
                    null);
        }
        try {
            return text.startsWith(FILE) && text.startsWith("/", FILE.length())
                    ? Path.of(URI.create(text))
                    : Path.of(text.startsWith(FILE) ? text.substring(FILE.length()) : text);
        } catch (RuntimeException e) {
            throw new DemurStartException(
                    property, "it is no path: " + e.getMessage() + ".", "Set " + property + " to a path.", e);
        }
    }

    /** What else the load depends on, where the message need not be about the model. */
    private static String besides(DemurProperties properties) {
        List<String> set = new ArrayList<>();
        add(set, "demur.readout", properties.readout());
        add(set, "demur.decider", properties.decider());
        add(set, "demur.llama", properties.llama());
        add(set, "demur.chat-template", properties.chatTemplate());
        add(set, "demur.devices", properties.devices().isEmpty() ? null : properties.devices());
        add(set, "demur.gpu-layers", properties.gpuLayers() == -1 ? null : properties.gpuLayers());
        return set.isEmpty() ? "No other property plays a part." : "Set besides: " + String.join(", ", set) + ".";
    }

    private static void add(List<String> set, String property, @org.jspecify.annotations.Nullable Object value) {
        if (value != null) {
            set.add(property + "=" + value);
        }
    }
}
