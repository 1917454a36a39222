package dev.demur.policy;

import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How readily a model refuses: a rule, its thresholds or biases, &tau;, and a reply per category. Immutable.
 *
 * <p>Categories of the model that the policy does not name have no threshold and bias 0, and come after the named ones
 * wherever the order of declaration breaks a tie.
 *
 * @param rule how thresholds are applied
 * @param temperature &tau; &gt; 0 of the softmax that gives the probabilities; it is no sampling temperature
 * @param readout what the thresholds are meant for, as it was recorded; null: that is not known, and any will do
 * @param sumThreshold T in [0, 1] of the rule {@code sum}; null: that rule never refuses
 * @param categories in the order that breaks ties; ids are unique
 * @param map what the rule {@code refit} reads probabilities by, which it must have; other rules leave it alone; null: none
 * @param calibration what the thresholds were calibrated on and the bounds they promise; null: nothing is known
 */
public record RefusalPolicy(
        Rule rule,
        double temperature,
        @Nullable ReadoutIdentity readout,
        @Nullable Double sumThreshold,
        List<CategoryPolicy> categories,
        @Nullable LogisticMap map,
        @Nullable Calibration calibration) {

    /** The temperature at which the probabilities are the model's own. */
    public static final double DEFAULT_TEMPERATURE = 1;

    /** The threshold where none was calibrated: a refusal is then likelier than everything else together. */
    public static final double DEFAULT_THRESHOLD = 0.5;

    public RefusalPolicy {
        Given.value(rule, "rule");
        requireTemperature(temperature);
        if (sumThreshold != null) {
            CategoryPolicy.requireThreshold("sumThreshold", sumThreshold);
        }
        categories = Given.list(categories, "categories");
        requireDistinct(categories);
        if (rule == Rule.REFIT && map == null) {
            throw new IllegalArgumentException("map: is missing, which the rule " + rule.id()
                    + " decides by: calibrate with a refit, which fits one");
        }
    }

    /** A policy without a map; for all rules but {@code refit}. */
    public RefusalPolicy(
            Rule rule,
            double temperature,
            @Nullable ReadoutIdentity readout,
            @Nullable Double sumThreshold,
            List<CategoryPolicy> categories,
            @Nullable Calibration calibration) {
        this(rule, temperature, readout, sumThreshold, categories, null, calibration);
    }

    static void requireTemperature(double temperature) {
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature: " + temperature + " is not a finite number above 0");
        }
    }

    private static void requireDistinct(List<CategoryPolicy> categories) {
        Map<String, String> ids = new HashMap<>();
        for (int i = 0; i < categories.size(); i++) {
            String here = "categories[" + i + "]";
            String sameId = ids.putIfAbsent(categories.get(i).id(), here);
            if (sameId != null) {
                throw new IllegalArgumentException(here + ".id: "
                        + ForeignText.quoted(categories.get(i).id()) + " is already the id of " + sameId);
            }
        }
    }

    /**
     * A rule without thresholds of its own: 0.5 for every category and for the sum, no biases, &tau; = 1, and by {@code refit}
     * a map that changes nothing.
     *
     * @param readout what the policy is meant for; null: any
     */
    public static RefusalPolicy defaults(Labels labels, @Nullable ReadoutIdentity readout, Rule rule) {
        List<CategoryPolicy> categories = Given.value(labels, "labels").categories().stream()
                .map(c -> new CategoryPolicy(c.id(), c.name(), DEFAULT_THRESHOLD, null, null))
                .toList();
        LogisticMap map = rule == Rule.REFIT ? LogisticMap.identity(labels) : null;
        return new RefusalPolicy(rule, DEFAULT_TEMPERATURE, readout, DEFAULT_THRESHOLD, categories, map, null);
    }

    /**
     * Decides on a reading that may have been kept, such as again after a threshold was changed.
     *
     * @throws PolicyException if this policy is not for the reading's labels
     * @throws IllegalArgumentException if the reading was made with another &tau;
     */
    public Decision decide(Reading reading) {
        return bind(Given.value(reading, "reading").labels()).decide(reading);
    }

    /**
     * This policy for some labels, to decide many prompts with.
     *
     * @throws PolicyException if it has a category that is not among them
     */
    public Rules bind(Labels labels) {
        requireCategories(labels, "policy");
        return new Rules(this, labels);
    }

    /**
     * Checks that this policy can decide by the numbers of a readout: that its categories are among the labels, and that
     * it was made for a readout of this kind, with the same token of each label where labels have tokens.
     *
     * @param used what gives the numbers
     * @param source where this policy came from, as a file name, for the message
     * @throws PolicyException naming source and field
     */
    public void requireFits(Labels labels, ReadoutIdentity used, String source) {
        requireCategories(labels, source);
        Given.value(used, "used");
        if (readout != null) {
            readout.requireFits(used, source);
        }
    }

    /**
     * Checks that the categories of this policy are among the labels; as {@link #requireFits} where nothing is known of the
     * readout.
     */
    public void requireCategories(Labels labels, String source) {
        Given.value(labels, "labels");
        Given.value(source, "source");
        for (int i = 0; i < categories.size(); i++) {
            if (labels.indexOf(categories.get(i).id()) < 0) {
                throw new PolicyException(source + ": categories[" + i + "].id: "
                        + ForeignText.quoted(categories.get(i).id()) + " is not a category of this model, which has "
                        + labels.categoryIds());
            }
        }
        if (map != null) {
            map.requireFits(labels, source);
        }
    }

    /** What this policy says about a category; empty where it does not name it. */
    public Optional<CategoryPolicy> category(String id) {
        Given.value(id, "id");
        return categories.stream().filter(c -> c.id().equals(id)).findFirst();
    }

    /** The same with an entry for the category, which a policy may leave out; without a calibration where that is new. */
    public RefusalPolicy naming(String id) {
        if (category(id).isPresent()) {
            return this;
        }
        List<CategoryPolicy> more = new ArrayList<>(categories);
        more.add(new CategoryPolicy(id, null, null, null, null));
        return new RefusalPolicy(rule, temperature, readout, sumThreshold, more, map, null);
    }

    /** The fixed reply to what is decided; null where the model writes. */
    public @Nullable String reply(Decision decision) {
        return Given.value(decision, "decision") instanceof Decision.Refuse refuse
                ? category(refuse.category().id()).map(CategoryPolicy::reply).orElse(null)
                : null;
    }

    /**
     * Identifies what this policy decides, as {@code sha256:…}: equal for policies that differ in names, replies or the
     * calibration alone, however their files are written; another one where rule, &tau;, a threshold, a bias, the
     * categories, their order or the readout differ.
     */
    public String checksum() {
        return PolicyChecksum.of(this);
    }

    // Each of the following returns a changed copy. A change that can alter a decision drops the calibration, because
    // the bounds it promises were for the numbers before.

    /**
     * The same thresholds and biases under another rule, which uses those that it knows.
     *
     * @throws IllegalArgumentException if it is {@code refit} and the policy has no map
     */
    public RefusalPolicy withRule(Rule newRule) {
        return new RefusalPolicy(newRule, temperature, readout, sumThreshold, categories, map, null);
    }

    /**
     * The same with another &tau;.
     *
     * @throws IllegalArgumentException if it is not a finite number above 0
     */
    public RefusalPolicy withTemperature(double newTemperature) {
        return new RefusalPolicy(rule, newTemperature, readout, sumThreshold, categories, map, null);
    }

    /** The same with another threshold T in [0, 1] of the rule {@code sum}; null: that rule never refuses. */
    public RefusalPolicy withSumThreshold(@Nullable Double newSumThreshold) {
        return new RefusalPolicy(rule, temperature, readout, newSumThreshold, categories, map, null);
    }

    /**
     * The same with another map, which the rule {@code refit} decides by.
     *
     * @throws IllegalArgumentException if that is the rule and there is to be none
     */
    public RefusalPolicy withMap(@Nullable LogisticMap newMap) {
        return new RefusalPolicy(rule, temperature, readout, sumThreshold, categories, newMap, null);
    }

    /**
     * The same with another threshold of a category.
     *
     * @param threshold in [0, 1]; 0 always refuses
     * @throws IllegalArgumentException if it lies outside, or the policy does not name the category
     */
    public RefusalPolicy withThreshold(String id, double threshold) {
        return withCategories(changed(id, c -> c.withThreshold(threshold)), null);
    }

    /**
     * The same without a threshold for a category, which is then never refused by a rule that compares with it.
     *
     * @throws IllegalArgumentException if the policy does not name the category
     */
    public RefusalPolicy withoutThreshold(String id) {
        return withCategories(changed(id, c -> c.withThreshold(null)), null);
    }

    /**
     * The same with another bias of a category.
     *
     * @param bias finite; what the rule {@code logit-bias} adds to the logit of the category
     * @throws IllegalArgumentException if it is not finite, or the policy does not name the category
     */
    public RefusalPolicy withBias(String id, double bias) {
        return withCategories(changed(id, c -> c.withBias(bias)), null);
    }

    /**
     * The same with another fixed reply of a category. Keeps the calibration: a reply changes no decision.
     *
     * @param reply null: the model writes its refusal
     * @throws IllegalArgumentException if the policy does not name the category
     */
    public RefusalPolicy withReply(String id, @Nullable String reply) {
        return withCategories(changed(id, c -> c.withReply(reply)), calibration);
    }

    /** The same with what its thresholds were calibrated on and the bounds they promise; null: nothing is known. */
    public RefusalPolicy withCalibration(@Nullable Calibration newCalibration) {
        return withCategories(categories, newCalibration);
    }

    private RefusalPolicy withCategories(List<CategoryPolicy> newCategories, @Nullable Calibration newCalibration) {
        return new RefusalPolicy(rule, temperature, readout, sumThreshold, newCategories, map, newCalibration);
    }

    private List<CategoryPolicy> changed(String id, UnaryOperator<CategoryPolicy> change) {
        Given.value(id, "id");
        List<CategoryPolicy> changed = new ArrayList<>(categories);
        for (int i = 0; i < changed.size(); i++) {
            if (changed.get(i).id().equals(id)) {
                changed.set(i, change.apply(changed.get(i)));
                return changed;
            }
        }
        throw new IllegalArgumentException("The policy has no category " + ForeignText.quoted(id) + "; it has "
                + categories.stream().map(CategoryPolicy::id).collect(Collectors.joining(", ")));
    }
}
