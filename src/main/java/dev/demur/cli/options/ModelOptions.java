package dev.demur.cli.options;

import dev.demur.DemurException;
import dev.demur.LoadOptions;
import dev.demur.bindings.Settings;
import dev.demur.cli.terminal.Terminal;
import dev.demur.gguf.GgufFile;
import dev.demur.llama.Kernel;
import dev.demur.llama.Processing;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.LlamaRuntime;
import dev.demur.llama.internal.Placement;
import dev.demur.llama.internal.TemplateVariables;
import dev.demur.policy.Labels;
import dev.demur.readout.words.Frames;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The options of every command that runs a model.
 *
 * @param model the model file that was named; null for the default
 * @param binding {@code jni} or {@code ffm}; null for the default
 * @param load the rest
 */
public record ModelOptions(@Nullable Path model, @Nullable String binding, LoadOptions load) {

    public static final List<String> BINDINGS = List.of("jni", "ffm");
    public static final List<String> KERNELS = List.of("scalar", "avx2", "avx512", "neon");

    public static final List<String> PROCESSING = List.of(Processing.HOST.id(), Processing.IN_GRAPH.id());

    /** More layers than any model has. */
    private static final int MOST_LAYERS = 100_000;

    /** As many threads as ggml has room for; it ends the process over more. */
    private static final int MOST_THREADS = 512;

    private static final int LONGEST_CONTEXT = 1 << 30;

    /** What decides. */
    public static final String READOUT = "--readout";

    public static final String DECIDER = "--decider";
    private static final String OPENING = "--opening";
    private static final String WRITE = "write";
    public static final List<String> OPENINGS = List.of("reply", WRITE);
    private static final String TEMPLATE_VARIABLE = "--template-var";

    private static final String CONTROL_TOKEN = "--control-token";

    /** The model file and what its tokens mean; for where it is read and not run. */
    public static void addFileTo(CommandSpec spec) {
        spec.addOption(Options.file(
                        "--model",
                        "FILE",
                        "The GGUF model (default: " + DefaultModel.SMALL + " if it is there, else " + DefaultModel.TINY
                                + ")."))
                .addOption(Options.value(
                        READOUT,
                        "NAME|FILE|tokens",
                        "What decides: a frame, by which a model is asked, by name ("
                                + String.join(", ", Frames.names())
                                + ") or as a file (.json); a head file that demur fit made; or tokens for the model's own refusal"
                                + " tokens (default: the head in the model or beside it, as any.head.gguf is beside any.gguf;"
                                + " else tokens)."))
                .addOption(Options.repeatable(
                        CONTROL_TOKEN,
                        "ID=TEXT",
                        "The refusal token of the category ID, or the respond token, for a model whose file does not tell."
                                + " Once for each category and for respond."));
    }

    /** The control tokens that are named; empty for those that the file tells of. */
    public static Map<String, String> controlTokens(Arguments arguments) {
        Map<String, String> tokens = new LinkedHashMap<>();
        for (String token : arguments.texts(CONTROL_TOKEN)) {
            String[] parts = assignment(CONTROL_TOKEN, token, "safety=[Requests with safety concerns]");
            if (parts[1].isBlank()) {
                throw new UsageException(CONTROL_TOKEN + " " + parts[0] + " has no text: give that of its token");
            }
            if (tokens.putIfAbsent(parts[0], parts[1]) != null) {
                throw new UsageException(CONTROL_TOKEN + " " + parts[0] + " is given twice: give it once");
            }
        }
        boolean answers = tokens.containsKey(Labels.RESPOND);
        if (!tokens.isEmpty() && (!answers || tokens.size() == 1)) {
            throw new UsageException(CONTROL_TOKEN + " names no " + (answers ? "category" : "respond token") + ": add "
                    + CONTROL_TOKEN + (answers ? " ID=TEXT" : " respond=TEXT"));
        }
        return tokens;
    }

    /** What the chat template is told: JSON where a value is JSON, else the text as it is. */
    private static Map<String, @Nullable Object> templateVariables(Arguments arguments) {
        Map<String, @Nullable Object> variables = new LinkedHashMap<>();
        for (String variable : arguments.texts(TEMPLATE_VARIABLE)) {
            String[] parts = assignment(TEMPLATE_VARIABLE, variable, "enable_thinking=false");
            if (variables.containsKey(parts[0])) {
                throw new UsageException(TEMPLATE_VARIABLE + " " + parts[0] + " is given twice: give it once");
            }
            variables.put(parts[0], TemplateVariables.value(parts[1]));
        }
        try {
            return TemplateVariables.copy(variables);
        } catch (IllegalArgumentException e) {
            throw new UsageException(TEMPLATE_VARIABLE + ": " + e.getMessage(), e);
        }
    }

    /** What stands before the first = and what after it. */
    public static String[] assignment(String option, String text, String example) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            throw new UsageException(option + " is '" + text + "': it must be an id, =, and a text, as " + example);
        }
        return new String[] {text.substring(0, equals), text.substring(equals + 1)};
    }

    public static void addTo(CommandSpec spec) {
        addFileTo(spec);
        addMachineTo(spec);
        spec.addOption(Options.choice(
                        "--kernel",
                        "NAME",
                        KERNELS,
                        "The code that reads the logits, to decide and to sample: scalar, avx2, avx512 or neon (default: the"
                                + " best that this CPU has, up to DEMUR_KERNEL_CAP)."))
                .addOption(Options.choice(
                        "--processing",
                        "host|in-graph",
                        PROCESSING,
                        "Where the logits are read: on the host, or on the device by llama.cpp's backend sampling, if it can"
                                + " (default: host)."))
                .addOption(Options.file(
                        DECIDER,
                        "FILE",
                        "Another GGUF model that decides, such as a guard; --model answers (default: the same model)."))
                .addOption(Options.choice(
                        OPENING,
                        "reply|write",
                        OPENINGS,
                        "What a refusal is where the policy has no reply and the model no control tokens: a reply in plain"
                                + " words, or what the model writes after forced first words (default: reply)."));
    }

    /** What runs a model and how it reads a prompt, whatever decides. */
    public static void addMachineTo(CommandSpec spec) {
        spec.addOption(Options.file(
                        "--llama",
                        "PATH",
                        "A llama.cpp library or the folder with it (default: DEMUR_LLAMA, else java-llama.cpp's)."))
                .addOption(Options.value(
                        "--device",
                        "NAME[,NAME]",
                        "The devices that run the model, as doctor lists them; CPU for no GPU (default: all"
                                + " GPUs)."))
                .addOption(Options.value(
                        "--gpu-layers",
                        "N",
                        "Layers to put on these devices, or auto for as many as fit (default: auto)."))
                .addOption(Options.value(
                        "--threads",
                        "N",
                        "Threads that compute (default: one per free CPU; one for a model under 32 MiB)."))
                .addOption(Options.value(
                        "--ctx",
                        "N",
                        "The most tokens of a prompt and its answer together (default: the model's, at most 4096)."))
                .addOption(Options.choice(
                        "--binding",
                        "jni|ffm",
                        BINDINGS,
                        "How Java calls native code (default: jni, for a quicker start; ffm needs Java 22)."))
                .addOption(Options.repeatable(
                        TEMPLATE_VARIABLE,
                        "NAME=VALUE",
                        "What the model file's chat template is told besides the messages, as enable_thinking=false; VALUE is"
                                + " JSON, else a text."))
                .addOption(Options.value(
                        "--chat-template",
                        "NAME",
                        "One of llama.cpp's chat templates (default: the model file's own)."));
    }

    public static ModelOptions from(Arguments arguments) {
        return new ModelOptions(
                arguments.path("--model"),
                arguments.oneOf("--binding", BINDINGS),
                LoadOptions.DEFAULTS
                        .withParallel(1) // one person asks; alone, the numbers are the same each time
                        .withLlama(arguments.path("--llama"))
                        .withDevices(devices(arguments))
                        .withGpuLayers(gpuLayers(arguments))
                        .withThreads(
                                (int) arguments.integer("--threads", 1, MOST_THREADS, LoadOptions.DEFAULTS.threads()))
                        .withContextSize((int)
                                arguments.integer("--ctx", 1, LONGEST_CONTEXT, LoadOptions.DEFAULTS.contextSize()))
                        .withKernel(kernel(arguments))
                        .withProcessing(
                                Processing.IN_GRAPH.id().equals(arguments.oneOf("--processing", PROCESSING))
                                        ? Processing.IN_GRAPH
                                        : Processing.HOST)
                        .withChatTemplate(arguments.text("--chat-template"))
                        .withReadout(arguments.text(READOUT))
                        .withDecider(arguments.path(DECIDER))
                        .withWrittenRefusals(WRITE.equals(arguments.oneOf(OPENING, OPENINGS)))
                        .withTemplateVariables(templateVariables(arguments))
                        .withControlTokens(controlTokens(arguments)));
    }

    private static List<String> devices(Arguments arguments) {
        String names = arguments.text("--device");
        List<String> devices = names == null ? List.of() : List.of(names.split(",", -1));
        if (devices.stream().anyMatch(String::isBlank)) {
            throw new UsageException("--device '" + names + "': give the name of a device, or several with commas");
        }
        return devices.stream().map(String::strip).toList();
    }

    private static @Nullable Kernel kernel(Arguments arguments) {
        String name = arguments.oneOf("--kernel", KERNELS);
        return name == null ? null : Kernel.of(name);
    }

    private static int gpuLayers(Arguments arguments) {
        return (int) arguments.integerOr("auto", "--gpu-layers", 0, MOST_LAYERS, LoadOptions.DEFAULTS.gpuLayers());
    }

    /**
     * Chooses the binding for this process; to be called before anything native is loaded.
     *
     * @return why this one
     */
    public String applyBinding() {
        String launcher = System.getProperty("demur.binding.default");
        if (binding != null) {
            System.setProperty("demur.binding", binding);
            return "named by --binding";
        }
        if (Settings.get("demur.binding") != null) {
            return "named by demur.binding or DEMUR_BINDING";
        }
        if (launcher != null) {
            System.setProperty("demur.binding", launcher);
            return "the default of this program; choose another by --binding";
        }
        return "the default on Java " + Runtime.version().feature() + "; choose another by --binding";
    }

    /** Chooses the binding and checks what only llama.cpp knows; for commands that are going to load a model. */
    public void prepare(Terminal terminal) {
        applyBinding();
        requireKnownTemplate();
        requireKnownDevices();
        String warning = contextWarning();
        if (warning != null) {
            Warning.show(terminal, warning);
        }
    }

    /** Why the context that was asked for is more than the model is good for; null where it is not. */
    @Nullable
    public String contextWarning() {
        int asked = load.contextSize();
        if (asked <= 0) {
            return null; // the default is never more
        }
        long trained =
                GgufFile.read(modelFile()).hyperparameter("context_length").orElse(Long.MAX_VALUE);
        return asked <= trained
                ? null
                : "--ctx " + asked + " is beyond the " + trained
                        + " tokens that the model was trained for: what it decides"
                        + " and writes after them means little";
    }

    private void requireKnownDevices() {
        if (!load.devices().isEmpty()) {
            LlamaRuntime runtime = LlamaRuntime.open(load.llama());
            try {
                Placement.requireKnown(runtime, load.devices());
            } catch (DemurException e) {
                throw new UsageException("--device: " + e.getMessage(), e);
            }
        }
    }

    /** A template that llama.cpp does not know is wrong usage, unlike one that the model file carries. */
    private void requireKnownTemplate() {
        String name = load.chatTemplate();
        if (name != null) {
            LlamaRuntime runtime = LlamaRuntime.open(load.llama());
            try {
                ChatTemplate.requireKnown(runtime, name);
            } catch (DemurException e) {
                throw new UsageException("--chat-template: " + e.getMessage(), e);
            }
        }
    }

    /** The model file that was named, else the default one. */
    public Path modelFile() {
        return model != null ? model : DefaultModel.find();
    }
}
