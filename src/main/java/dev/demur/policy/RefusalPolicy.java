package dev.demur.policy;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
 * @param temperature &tau; &gt; 0 of the softmax over the full vocabulary; it is no sampling temperature
 * @param respond text of the respond token
 * @param sumThreshold T in [0, 1] of the rule {@code sum}; null: that rule never refuses
 * @param categories in the order that breaks ties; ids and tokens are unique
 * @param calibration what the thresholds were calibrated on and the bounds they promise, as JSON; copied in and out
 */
public record RefusalPolicy(
        Rule rule,
        double temperature,
        String respond,
        @Nullable Double sumThreshold,
        List<CategoryPolicy> categories,
        @Nullable JsonObject calibration) {

    /** The text of the respond token in the models of the paper. */
    public static final String DEFAULT_RESPOND = "[respond]";

    /** The temperature at which the probabilities are the model's own. */
    public static final double DEFAULT_TEMPERATURE = 1;

    /** The threshold where none was calibrated: a refusal is then likelier than everything else together. */
    public static final double DEFAULT_THRESHOLD = 0.5;

    public RefusalPolicy {
        requireTemperature(temperature);
        Category.requireText("respond", respond);
        if (sumThreshold != null) {
            CategoryPolicy.requireThreshold("sumThreshold", sumThreshold);
        }
        categories = List.copyOf(categories);
        requireDistinct(categories, respond);
        calibration = calibration == null ? null : calibration.deepCopy();
    }

    static void requireTemperature(double temperature) {
        if (!(temperature > 0 && temperature < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("temperature: " + temperature + " is not a finite number above 0");
        }
    }

    private static void requireDistinct(List<CategoryPolicy> categories, String respond) {
        Map<String, String> ids = new HashMap<>();
        Map<String, String> tokens = new HashMap<>(Map.of(respond.strip(), "respond"));
        for (int i = 0; i < categories.size(); i++) {
            CategoryPolicy category = categories.get(i);
            String here = "categories[" + i + "]";
            String sameId = ids.putIfAbsent(category.id(), here);
            if (sameId != null) {
                throw new IllegalArgumentException(
                        here + ".id: " + Quote.of(category.id()) + " is already the id of " + sameId);
            }
            String sameToken = tokens.putIfAbsent(category.token().strip(), here);
            if (sameToken != null) {
                throw new IllegalArgumentException(
                        here + ".token: " + Quote.of(category.token()) + " is already the token of " + sameToken);
            }
        }
    }

    /** A rule without thresholds of its own: 0.5 for every category and for the sum, no biases, &tau; = 1. */
    public static RefusalPolicy defaults(ControlTokens tokens, Rule rule) {
        List<CategoryPolicy> categories = tokens.categories().stream()
                .map(c -> new CategoryPolicy(c.id(), c.token(), c.name(), DEFAULT_THRESHOLD, null, null))
                .toList();
        return new RefusalPolicy(rule, DEFAULT_TEMPERATURE, tokens.respondText(), DEFAULT_THRESHOLD, categories, null);
    }

    /**
     * Decides, on the numbers as they are in the readout; ask {@link #isCertain} first where they are inexact.
     *
     * @throws PolicyException if this policy is not for the readout's model
     * @throws IllegalArgumentException if the readout was made with another &tau;
     */
    public Decision decide(Readout readout) {
        return rulesFor(readout).decide(readout);
    }

    /**
     * Whether the scalar kernel would lead to the same decision. False where an interval of the readout's relative
     * error contains a threshold: then the row must be read again by the scalar kernel.
     */
    public boolean isCertain(Readout readout) {
        return rulesFor(readout).isCertain(readout);
    }

    /**
     * The score of the category at an index of the readout: what the rule compares with its threshold.
     *
     * @return p_c ({@code threshold}), r_c ({@code relative}), p_c of the most probable category and 0 of all others
     *     ({@code top-category}); for every category alike &Sigma; p_c ({@code sum}) or max_c(z_c + b_c) - z_respond
     *     ({@code logit-bias}, which compares it with 0)
     */
    public double score(Readout readout, int category) {
        Objects.checkIndex(category, readout.tokens().respondIndex());
        return rulesFor(readout).score(readout, category);
    }

    /**
     * This policy for one model, to decide many prompts with.
     *
     * @throws PolicyException if this policy is not for that model
     */
    public BoundPolicy bind(ControlTokens tokens) {
        return new BoundPolicy(this, tokens);
    }

    void requireTemperatureOf(Readout readout) {
        if (readout.temperature() != temperature) {
            throw new IllegalArgumentException("temperature: the policy's is " + temperature
                    + ", but the probabilities were read with " + readout.temperature());
        }
    }

    private Rules rulesFor(Readout readout) {
        requireTemperatureOf(readout);
        requireFits(readout.tokens());
        return new Rules(this, readout.tokens());
    }

    /** {@link #requireFits(ControlTokens, String)} for a policy that came from no file. */
    public void requireFits(ControlTokens tokens) {
        requireFits(tokens, "policy");
    }

    /**
     * Checks that the model has every category of this policy, with the same token, and the same respond token.
     *
     * @param source where this policy came from, as a file name, for the message
     * @throws PolicyException naming source and field
     */
    public void requireFits(ControlTokens tokens, String source) {
        if (!sameText(respond, tokens.respondText())) {
            throw new PolicyException(source + ": respond: " + Quote.of(respond)
                    + " is not the respond token of this model, which is " + Quote.of(tokens.respondText()));
        }
        for (int i = 0; i < categories.size(); i++) {
            CategoryPolicy category = categories.get(i);
            int index = tokens.indexOf(category.id());
            if (index < 0) {
                throw new PolicyException(source + ": categories[" + i + "].id: " + Quote.of(category.id())
                        + " is not a category of this model, which has " + tokens.describeIds());
            }
            String token = tokens.categories().get(index).token();
            if (!sameText(category.token(), token)) {
                throw new PolicyException(source + ": categories[" + i + "].token: " + Quote.of(category.token())
                        + " is not the token of " + Quote.of(category.id()) + " in this model, which is "
                        + Quote.of(token));
            }
        }
    }

    private static boolean sameText(String a, String b) {
        return a.strip().equals(b.strip());
    }

    /** What this policy says about a category; empty where it does not name it. */
    public Optional<CategoryPolicy> category(String id) {
        return categories.stream().filter(c -> c.id().equals(id)).findFirst();
    }

    @Override
    public @Nullable JsonObject calibration() {
        return calibration == null ? null : calibration.deepCopy();
    }

    // Each of the following returns a changed copy. A change that can alter a decision drops the calibration, because
    // the bounds it promises were for the numbers before.

    /** The same thresholds and biases under another rule, which uses those that it knows. */
    public RefusalPolicy withRule(Rule newRule) {
        return new RefusalPolicy(newRule, temperature, respond, sumThreshold, categories, null);
    }

    /**
     * The same with another &tau;.
     *
     * @throws IllegalArgumentException if it is not a finite number above 0
     */
    public RefusalPolicy withTemperature(double newTemperature) {
        return new RefusalPolicy(rule, newTemperature, respond, sumThreshold, categories, null);
    }

    /** The same with another threshold T in [0, 1] of the rule {@code sum}; null: that rule never refuses. */
    public RefusalPolicy withSumThreshold(@Nullable Double newSumThreshold) {
        return new RefusalPolicy(rule, temperature, respond, newSumThreshold, categories, null);
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
     * @param bias finite; what the rule {@code logit-bias} adds to the logit of the category's token
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
    public RefusalPolicy withCalibration(@Nullable JsonObject newCalibration) {
        return withCategories(categories, newCalibration);
    }

    private RefusalPolicy withCategories(List<CategoryPolicy> newCategories, @Nullable JsonObject newCalibration) {
        return new RefusalPolicy(rule, temperature, respond, sumThreshold, newCategories, newCalibration);
    }

    private List<CategoryPolicy> changed(String id, UnaryOperator<CategoryPolicy> change) {
        List<CategoryPolicy> changed = new ArrayList<>(categories);
        for (int i = 0; i < changed.size(); i++) {
            if (changed.get(i).id().equals(id)) {
                changed.set(i, change.apply(changed.get(i)));
                return changed;
            }
        }
        throw new IllegalArgumentException("The policy has no category " + Quote.of(id) + "; it has "
                + categories.stream().map(CategoryPolicy::id).collect(Collectors.joining(", ")));
    }
}
