package dev.demur.cli.doctor;

import com.google.gson.JsonParser;
import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.Request;
import dev.demur.bindings.Bindings;
import dev.demur.bindings.Native;
import dev.demur.bindings.NativeLibraries;
import dev.demur.bindings.Settings;
import dev.demur.calibration.Noise;
import dev.demur.calibration.Provenance;
import dev.demur.cli.ask.DecisionText;
import dev.demur.cli.options.ChosenPolicy;
import dev.demur.cli.options.DefaultModel;
import dev.demur.cli.options.Failure;
import dev.demur.cli.options.Home;
import dev.demur.cli.options.ModelOptions;
import dev.demur.cli.options.PolicyCheck;
import dev.demur.cli.options.PolicyOptions;
import dev.demur.cli.options.Version;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Text;
import dev.demur.internal.Internals;
import dev.demur.llama.Device;
import dev.demur.llama.Kernel;
import dev.demur.llama.internal.ChatTemplate;
import dev.demur.llama.internal.KernelChoice;
import dev.demur.llama.internal.LlamaLibrary;
import dev.demur.llama.internal.LlamaRuntime;
import dev.demur.llama.internal.TemplateVariables;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Goes through what {@code ask} needs, one after the other; a step that fails is noted and the others still run. */
public final class Diagnosis {

    private static final String[] CPU_FEATURES = {"avx2", "fma", "f16c", "bmi2", "avx512", "neon"};
    private static final String ASK = "ask";
    private static final double NANOS_PER_MILLISECOND = 1e6;

    private final ModelOptions options;
    private final PolicyOptions policyOptions;
    private final String bindingReason;
    private final Findings facts;
    private final List<String> problems = new ArrayList<>();
    private final Map<String, String> reasons = new HashMap<>();
    private @Nullable String danger;

    private Diagnosis(ModelOptions options, PolicyOptions policyOptions, String bindingReason, Style style) {
        this.options = options;
        this.policyOptions = policyOptions;
        this.bindingReason = bindingReason;
        this.facts = new Findings(style);
    }

    /**
     * Goes through all steps.
     *
     * @param bindingReason why the binding is the one that it is
     */
    public static Diagnosis of(ModelOptions options, PolicyOptions policyOptions, String bindingReason, Style style) {
        Diagnosis diagnosis = new Diagnosis(options, policyOptions, bindingReason, style);
        diagnosis.java();
        diagnosis.step("binding", "Binding", diagnosis::binding);
        diagnosis.step("libdemur", "libdemur", diagnosis::libdemur);
        diagnosis.step("kernel", "Kernel", diagnosis::kernel);
        diagnosis.step("llama.candidates", "Found", diagnosis::candidates);
        diagnosis.step("llama", "llama.cpp", diagnosis::llama);
        diagnosis.step("model", "Model", diagnosis::model);
        diagnosis.step("ask", ASK, diagnosis::ask);
        diagnosis.facts.field("ok", diagnosis.problems.isEmpty());
        diagnosis.facts.field("problems", diagnosis.problems);
        return diagnosis;
    }

    public Findings facts() {
        return facts;
    }

    /** What keeps {@code ask} from working, the first cause first. */
    public List<String> problems() {
        return problems;
    }

    private void step(String field, String label, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException | LinkageError e) {
            // Anything may be broken where a doctor is called, missing classes included: note it and go on.
            String reason = Text.oneLine(Failure.message(e));
            facts.field(field + ".error", reason);
            String first = reasons.putIfAbsent(reason, label);
            facts.failure(label, first == null ? reason : "for the reason given under " + first);
            if (first == null) {
                problems.add(label.equals(ASK) ? reason : label + ": " + reason);
            }
        }
    }

    private void java() {
        String version = Runtime.version().toString();
        String vendor = System.getProperty("java.vendor", "");
        String home = System.getProperty("java.home", "");
        String os = System.getProperty("os.name", "");
        String architecture = System.getProperty("os.arch", "");
        int processors = Runtime.getRuntime().availableProcessors();
        facts.line("demur", Version.text()).field("demur.version", Version.text());
        facts.line("Java", version + " (" + vendor + ")").line("", home);
        facts.field("java.version", version).field("java.vendor", vendor).field("java.home", home);
        facts.line("System", os + ", " + architecture + ", CPUs: " + processors);
        facts.field("system.os", os).field("system.architecture", architecture).field("system.processors", processors);
    }

    private void binding() {
        facts.field("binding.name", Settings.get("demur.binding")).field("binding.reason", bindingReason);
        String name = Native.bindings().name();
        facts.line("Binding", name + ": " + bindingReason).field("binding.name", name);
    }

    private void libdemur() {
        String path = NativeLibraries.libdemur().toString();
        facts.line("libdemur", path).field("libdemur.path", path);
    }

    private void kernel() {
        Bindings bindings = Native.bindings();
        List<String> features = new ArrayList<>();
        for (int bit = 0; bit < CPU_FEATURES.length; bit++) {
            if ((bindings.cpuFeatures() >> bit & 1) != 0) {
                features.add(CPU_FEATURES[bit]);
            }
        }
        facts.line("CPU", features.isEmpty() ? "none of the features that Demur uses" : String.join(", ", features));
        facts.field("cpu.features", features);
        List<String> possible = new ArrayList<>();
        List<String> impossible = new ArrayList<>();
        for (Kernel kernel : Kernel.values()) {
            (KernelChoice.isSupported(kernel) ? possible : impossible).add(kernel.id());
        }
        facts.field("kernel.possible", possible).field("kernel.impossible", impossible);
        String best = KernelChoice.choose(null).id();
        String chosen = KernelChoice.choose(options.load().kernel()).id();
        String reason = kernelReason();
        facts.line("Kernel", chosen + ": " + reason);
        facts.line(
                "",
                "possible: " + String.join(", ", possible) + "; not on this CPU or in this build: "
                        + String.join(", ", impossible));
        facts.field("kernel.name", chosen).field("kernel.reason", reason).field("kernel.default", best);
        Kernel cap = KernelChoice.cap();
        facts.field("kernel.cap", cap == null ? null : cap.id());
    }

    private String kernelReason() {
        if (options.load().kernel() != null || Settings.get("demur.kernel") != null) {
            return "named by --kernel, demur.kernel or DEMUR_KERNEL";
        }
        Kernel cap = KernelChoice.cap();
        return cap == null
                ? "the best that this CPU has"
                : "the best that this CPU has up to " + cap.id() + ", the cap of demur.kernel.cap or DEMUR_KERNEL_CAP";
    }

    private void llama() {
        LlamaLibrary library = LlamaLibrary.find(options.load().llama());
        facts.line("llama.cpp", library.file().toString()).line("", "origin: " + library.origin());
        facts.field("llama.path", library.file().toString()).field("llama.origin", library.origin());
        requireHarmless();
        LlamaRuntime.Description description = LlamaRuntime.open(library).describe();
        facts.line("", LlamaCandidates.version(description));
        if (description.abi().equals("old")) {
            facts.line(
                    "",
                    "a current one knows models that came after March 2025 and reads prompts faster: "
                            + (Home.has("docs/PLATFORMS.md")
                                    ? "see docs/PLATFORMS.md#which-llamacpp"
                                    : "--llama takes one"));
        }
        facts.line("", description.systemInfo());
        facts.field("llama.version", description.version().isEmpty() ? null : description.version())
                .field("llama.abi", description.abi())
                .field("llama.systemInfo", description.systemInfo());
        String noGraph = description.noGraph();
        facts.line(
                "",
                noGraph.isEmpty()
                        ? "backend sampling: yes (--processing in-graph)"
                        : "backend sampling: no, logits are read on the host: " + noGraph);
        facts.field("llama.noGraph", noGraph.isEmpty() ? null : noGraph);
        devices(description);
    }

    private void devices(LlamaRuntime.Description description) {
        String label = "Devices";
        for (Device device : description.devices()) {
            facts.line(label, DeviceFindings.text(device));
            label = "";
        }
        description.backendProblems().forEach(problem -> facts.line("", problem));
        facts.field("devices", DeviceFindings.json(description.devices()))
                .field("llama.backendProblems", description.backendProblems());
    }

    /** Every other llama.cpp that is there; what would end this process by being opened is not opened in it. */
    private void candidates() {
        LlamaCandidates candidates = LlamaCandidates.find(options.load().llama());
        candidates.addTo(facts);
        danger = candidates.danger();
    }

    private void requireHarmless() {
        if (danger != null) {
            throw new DemurException(danger);
        }
    }

    private void model() {
        Path named = options.model();
        String reason = named != null ? "named by --model" : "the default";
        facts.field("model.path", named == null ? null : named.toAbsolutePath().toString())
                .field("model.reason", reason);
        Path file = options.modelFile();
        if (named == null && file.endsWith(DefaultModel.TINY)) {
            reason = "the default, as there is no " + DefaultModel.SMALL;
        }
        facts.line("Model", file.toAbsolutePath() + ": " + reason);
        facts.field("model.path", file.toAbsolutePath().toString()).field("model.reason", reason);
        String warning = options.contextWarning();
        if (warning != null) {
            facts.line("", "warning: " + warning);
        }
    }

    private RefusalPolicy policy(Demur demur) {
        ChosenPolicy chosen = policyOptions.choose(demur);
        Optional<Provenance> provenance = Provenance.of(chosen.calibrated(), demur, null);
        PolicyFindings.add(facts, chosen, provenance, demur.labels());
        PolicyFindings.addPresets(facts, demur.presets(), demur::policy);
        PolicyFindings.addNoise(
                facts, Noise.of(chosen.policy()), demur.decidingModel().file().weightType());
        PolicyCheck.requireStrict(provenance, chosen.source(), policyOptions.strict());
        return chosen.policy();
    }

    private void template(Demur demur) {
        ChatTemplate.Renderer renderer = ChatTemplate.of(
                        Internals.of(demur).model().runtime(),
                        demur.model().file(),
                        options.load().chatTemplate(),
                        options.load().templateVariables())
                .renderer();
        String told = TemplateVariables.text(options.load().templateVariables());
        facts.line(
                "Chat template",
                "rendered by " + ModelFindings.rendered(renderer)
                        + (told.isEmpty() ? "" : ", told " + Text.oneLine(told)));
        facts.field("chatTemplate.renderer", renderer.id());
    }

    private void readout(Demur demur) {
        String source = options.load().readout();
        facts.line(
                "Readout",
                DecisionText.readout(demur) + (source == null ? ": found with the model" : ": named by --readout"));
        facts.field("readout", JsonParser.parseString(demur.readout().identity().toJson()));
    }

    private void ask() {
        requireHarmless();
        long start = System.nanoTime();
        try (Demur demur = Demur.load(options.modelFile(), options.load())) {
            double loadMilliseconds = (System.nanoTime() - start) / NANOS_PER_MILLISECOND;
            template(demur);
            readout(demur);
            RefusalPolicy policy = policy(demur);
            int threads = demur.threads();
            facts.line(
                    "Threads", threads + " compute, of " + Runtime.getRuntime().availableProcessors() + " CPUs");
            facts.field("threads", threads);
            long decideStart = System.nanoTime();
            Decision decision = demur.decide(Request.of("Hello").withPolicy(policy));
            double decideMilliseconds = (System.nanoTime() - decideStart) / NANOS_PER_MILLISECOND;
            facts.line(
                    ASK,
                    "works: loaded the model in " + Math.round(loadMilliseconds) + " ms, decided a prompt in "
                            + Math.round(decideMilliseconds) + " ms");
            facts.field("ask.loadMilliseconds", loadMilliseconds).field("ask.decideMilliseconds", decideMilliseconds);
            String warning = DecisionText.coverageWarning(decision);
            if (warning != null) {
                facts.line("", "warning: " + warning);
            }
            facts.field("ask.coverage", decision.reading().coverage());
        }
    }
}
