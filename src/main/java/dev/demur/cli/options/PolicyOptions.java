package dev.demur.cli.options;

import dev.demur.Demur;
import dev.demur.calibration.Promise;
import dev.demur.calibration.Provenance;
import dev.demur.cli.terminal.Terminal;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Preset;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.ReadoutInfo;
import dev.demur.readout.words.Frame;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/**
 * The options that say how readily to refuse: a policy to start from, and what to change in it.
 *
 * @param file the policy file; null for the model's own policy
 * @param preset the preset of the model that is named; null for its own policy
 * @param rule null for the policy's
 * @param thresholds by category id, or {@code sum}; NaN removes one
 * @param biases by category id
 * @param temperature &tau;; null for the policy's
 * @param strict whether any difference from what the policy was calibrated with is an error
 */
public record PolicyOptions(
        @Nullable Path file,
        @Nullable Preset preset,
        @Nullable Rule rule,
        Map<String, Double> thresholds,
        Map<String, Double> biases,
        @Nullable Double temperature,
        boolean strict) {

    private static final String SUM = "sum";
    private static final String NONE = "none";

    public static void addTo(CommandSpec spec) {
        addChangesTo(spec);
        spec.addOption(PolicyCheck.strictOption());
    }

    /** All but {@code --strict-policy}, for where no model runs. */
    public static void addChangesTo(CommandSpec spec) {
        List<String> rules = new ArrayList<>();
        for (Rule rule : Rule.values()) {
            rules.add(rule.id());
        }
        spec.addOption(Options.file(
                        "--policy",
                        "FILE",
                        "The policy file, JSON (default: the policy in the head or the model file, else the rule"
                                + " threshold with 0.5 for every category)."))
                .addOption(Options.choice(
                        PresetText.OPTION,
                        "NAME",
                        PresetText.IDS,
                        "One of the policies that the model comes with, each with a promise of its own: strict, balanced"
                                + " or permissive. Not beside --policy."))
                .addOption(Options.choice(
                        "--rule",
                        "RULE",
                        rules,
                        "How to decide: " + String.join(", ", rules)
                                + ". The thresholds of --policy or --preset stay; without"
                                + " either, every threshold becomes 0.5."))
                .addOption(Options.repeatable(
                        "--threshold",
                        "ID=T",
                        "The score from which on a prompt is refused as the category ID: 0 to 1, 0 for always, none for"
                                + " never. The rule sum takes sum=T. May be repeated."))
                .addOption(Options.repeatable(
                        "--bias",
                        "ID=B",
                        "What the rule logit-bias adds to the logit of the category ID. May be repeated."))
                .addOption(Options.value(
                        "--tau",
                        "T",
                        "The temperature of the probabilities, above 0 (default: the policy's, else 1)."));
    }

    public static PolicyOptions from(Arguments arguments) {
        String ruleId = arguments.text("--rule");
        Map<String, Double> thresholds = new LinkedHashMap<>();
        for (String text : arguments.texts("--threshold")) {
            add("--threshold", text, thresholds);
        }
        Map<String, Double> biases = new LinkedHashMap<>();
        for (String text : arguments.texts("--bias")) {
            add("--bias", text, biases);
        }
        double temperature = arguments.positive("--tau", Double.NaN);
        String preset = arguments.oneOf(PresetText.OPTION, PresetText.IDS);
        if (preset != null && arguments.has("--policy")) {
            throw new UsageException(PresetText.OPTION
                    + " and --policy exclude one another: one policy decides, the model's or a file's");
        }
        return new PolicyOptions(
                arguments.path("--policy"),
                preset == null ? null : Preset.of(preset),
                ruleId == null ? null : rule(ruleId),
                thresholds,
                biases,
                Double.isNaN(temperature) ? null : Double.valueOf(temperature),
                arguments.has(PolicyCheck.STRICT));
    }

    /** One threshold as {@code --threshold} takes it. */
    public static PolicyOptions ofThreshold(String text) {
        Map<String, Double> thresholds = new LinkedHashMap<>();
        add("--threshold", text, thresholds);
        return new PolicyOptions(null, null, null, thresholds, Map.of(), null, false);
    }

    private static Rule rule(String id) {
        StringBuilder ids = new StringBuilder();
        for (Rule rule : Rule.values()) {
            if (rule.id().equals(id)) {
                return rule;
            }
            ids.append(ids.isEmpty() ? "" : ", ").append(rule.id());
        }
        throw new UsageException("--rule is '" + id + "': it must be one of " + ids);
    }

    private static void add(String option, String text, Map<String, Double> values) {
        boolean isThreshold = option.equals("--threshold");
        int equals = text.lastIndexOf('=');
        if (equals < 1) {
            throw new UsageException(option + " is '" + text + "': it must be a category, =, and a number, as "
                    + (isThreshold ? "safety=0.3" : "safety=-1.5"));
        }
        String id = text.substring(0, equals);
        String value = text.substring(equals + 1);
        double number = Arguments.parse(value);
        boolean fits = isThreshold
                ? value.equals(NONE) || number >= 0 && number <= 1
                : Math.abs(number) < Double.POSITIVE_INFINITY;
        if (!fits) {
            throw new UsageException(option + " " + id + " is '" + value + "': it must be "
                    + (isThreshold ? "a number from 0 to 1, or none" : "a finite number"));
        }
        if (values.putIfAbsent(id, number) != null) {
            throw new UsageException(option + " " + id + " is given twice: give it once");
        }
    }

    /**
     * The policy for a loaded model, with what it was calibrated for.
     *
     * @throws UsageException if an option names a category that the model does not have
     * @throws dev.demur.policy.PolicyException if the policy file cannot be read or is not for this model, or the model has
     *     no such preset
     */
    public ChosenPolicy choose(Demur demur) {
        return choose(demur.labels(), demur.readout().identity(), demur::policy, demur::policy);
    }

    /** As {@link #choose(Demur)}, from another policy than the model's own. */
    public ChosenPolicy choose(ReadoutInfo readout, Supplier<RefusalPolicy> own) {
        return choose(readout.labels(), readout.identity(), own, preset -> own.get());
    }

    /** As {@link #choose(Demur)}, of a model that need not be loaded. */
    public ChosenPolicy choose(
            Labels labels,
            ReadoutIdentity readout,
            Supplier<RefusalPolicy> own,
            Function<Preset, RefusalPolicy> presets) {
        requireKnown("--threshold", thresholds, labels);
        requireKnown("--bias", biases, labels);
        RefusalPolicy start = read(labels, readout, own, presets);
        return ChosenPolicy.of(changed(start), start, source(start));
    }

    /**
     * Says what a preset that was named promises here, or that the thresholds of words are nobody's choice; for a person.
     */
    public void showPromise(ChosenPolicy chosen, Optional<Provenance> provenance, Terminal terminal) {
        if (preset != null) {
            Promise promise = Promise.of(chosen.calibrated(), provenance);
            terminal.error(terminal.errStyle()
                    .dim("(preset " + preset.id() + ": "
                            + (promise.holds() ? promise.statement() : "promises nothing here") + ")"));
        } else if (provenance.isEmpty() && readsWords(chosen.policy()) && thresholds.isEmpty()) {
            terminal.error(terminal.errStyle()
                    .dim("(not calibrated: a word's probability means little by itself; demur score and calibrate find"
                            + " thresholds)"));
        }
    }

    private static boolean readsWords(RefusalPolicy policy) {
        ReadoutIdentity readout = policy.readout();
        return readout != null && readout.kind().equals(Frame.KIND);
    }

    private String source(RefusalPolicy start) {
        if (preset != null) {
            return "the model's preset " + preset.id();
        }
        if (file != null) {
            return file.toString();
        }
        return isPlain(start) ? "the default policy, as the model has none" : "the model's own policy";
    }

    /** Whether nobody chose anything: there is neither a calibration nor a threshold other than that of all defaults. */
    private static boolean isPlain(RefusalPolicy policy) {
        return policy.calibration() == null
                && policy.rule() == Rule.THRESHOLD
                && policy.categories().stream()
                        .allMatch(category -> category.threshold() != null
                                && category.threshold() == RefusalPolicy.DEFAULT_THRESHOLD
                                && category.reply() == null);
    }

    private RefusalPolicy changed(RefusalPolicy start) {
        RefusalPolicy policy = withRule(start);
        if (temperature != null) {
            policy = policy.withTemperature(temperature);
        }
        for (Map.Entry<String, Double> threshold : thresholds.entrySet()) {
            policy = withThreshold(policy, threshold.getKey(), threshold.getValue());
        }
        for (Map.Entry<String, Double> bias : biases.entrySet()) {
            policy = policy.naming(bias.getKey()).withBias(bias.getKey(), bias.getValue());
        }
        return policy;
    }

    private RefusalPolicy read(
            Labels labels,
            ReadoutIdentity readout,
            Supplier<RefusalPolicy> own,
            Function<Preset, RefusalPolicy> presets) {
        if (preset != null) {
            return presets.apply(preset);
        }
        if (file == null) {
            if (rule == Rule.REFIT) {
                throw new UsageException(
                        "--rule refit goes by what was fitted on prompts of one's own: give a policy that"
                                + " demur calibrate --refit wrote, --policy FILE");
            }
            return rule == null ? own.get() : RefusalPolicy.defaults(labels, readout, rule);
        }
        RefusalPolicy policy = PolicyFile.read(file);
        policy.requireFits(labels, readout, file.toString());
        return policy;
    }

    private RefusalPolicy withRule(RefusalPolicy policy) {
        if (rule == null || rule == policy.rule()) {
            return policy;
        }
        if (rule == Rule.REFIT && policy.map() == null) {
            throw new UsageException("--rule refit does not go with this policy, which has no map: give one that demur"
                    + " calibrate --refit wrote");
        }
        RefusalPolicy changed = policy.withRule(rule);
        return rule == Rule.SUM && changed.sumThreshold() == null
                ? changed.withSumThreshold(RefusalPolicy.DEFAULT_THRESHOLD)
                : changed;
    }

    private static RefusalPolicy withThreshold(RefusalPolicy policy, String id, double value) {
        boolean none = Double.isNaN(value);
        if (id.equals(SUM)) {
            return policy.withSumThreshold(none ? null : Double.valueOf(value));
        }
        RefusalPolicy named = policy.naming(id);
        return none ? named.withoutThreshold(id) : named.withThreshold(id, value);
    }

    private static void requireKnown(String option, Map<String, Double> values, Labels labels) {
        for (String id : values.keySet()) {
            boolean known = labels.indexOf(id) >= 0 || id.equals(SUM) && option.equals("--threshold");
            if (!known) {
                throw new UsageException(option + " names '" + id + "', which is no category of this model: it has "
                        + labels.categoryIds());
            }
        }
    }

    /** What was given but plays no part under the policy's rule; empty where all of it does. */
    public List<String> withoutEffect(RefusalPolicy policy) {
        List<String> warnings = new ArrayList<>();
        Rule applied = policy.rule();
        boolean usesSum = applied == Rule.SUM;
        boolean usesBias = applied == Rule.LOGIT_BIAS;
        for (String id : thresholds.keySet()) {
            if (usesBias || usesSum != id.equals(SUM)) {
                String instead = usesBias ? "--bias " + id + "=B" : usesSum ? "--threshold sum=T" : "--rule sum";
                warnings.add("--threshold " + id + " has no effect under the rule " + applied.id() + ": use "
                        + (usesBias && id.equals(SUM) ? "--bias ID=B" : instead) + ", or another rule");
            }
        }
        if (!usesBias && !biases.isEmpty()) {
            warnings.add("--bias has no effect under the rule " + applied.id() + ": add --rule logit-bias");
        }
        if (usesBias && temperature != null) {
            warnings.add("--tau changes the probabilities but no decision under the rule logit-bias");
        }
        return warnings;
    }
}
