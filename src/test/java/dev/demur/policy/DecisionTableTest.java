package dev.demur.policy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.readout.DecisionTokens;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Hand-worked decisions, and the branch of the paper's published code that each one follows.
 *
 * <p>That code is the repository neelsjain/refusal-tokens, folder coconot_eval, commit 9ff5af8. Its branches:
 *
 * <ul>
 *   <li>{@code single} is generate_for_eval_threshold.py. With a threshold: {@code single/over} refuses where the
 *       refusal token's probability is at least the threshold, {@code single/under} responds. With the threshold -1:
 *       {@code single/-1 refuse} where that probability is at least the respond token's, else {@code single/-1 respond}.
 *   <li>{@code category} is generate_for_eval_threshold_cat_tokens.py. It takes the most probable refusal token. If that
 *       is one of the selected ones: {@code category/over} forces it where its probability is at least the threshold,
 *       {@code category/under} forces respond. If not: {@code category/unselected} keeps the argmax of the row.
 * </ul>
 *
 * <p>A case without a branch ({@code -}) follows the design alone. Probabilities are listed in the order of the tokens,
 * respond last: humanizing, incomplete, indeterminate, safety, unsupported, respond, or refuse, respond. Where the
 * logits are {@code -} they are the logarithms of the probabilities, times &tau;. A policy is a rule, then {@code id=T},
 * {@code id+b}, {@code sum=T}, {@code tau=τ}; {@code only:a,b} names these categories alone, in this order.
 */
class DecisionTableTest {

    private static final Set<String> BRANCHES = Set.of(
            "-",
            "single/over",
            "single/under",
            "single/-1 refuse",
            "single/-1 respond",
            "category/over",
            "category/under",
            "category/unselected");

    @ParameterizedTest(name = "{0}")
    @CsvSource(delimiter = '|', textBlock = """
    # one refusal token, threshold
    over the threshold                              | threshold refuse=0.5          | 0.6 0.3     | -             | -   | refuse refuse | single/over
    exactly at the threshold                        | threshold refuse=0.5          | 0.5 0.25    | -             | -   | refuse refuse | single/over
    just under the threshold                        | threshold refuse=0.5          | 0.499 0.5   | -             | -   | respond       | single/under
    over, though respond is likelier                | threshold refuse=0.1          | 0.2 0.7     | -             | 201 | refuse refuse | single/over
    under, though refuse is the argmax              | threshold refuse=0.7          | 0.6 0.1     | -             | 200 | respond       | single/under
    under, though another word is the argmax        | threshold refuse=0.5          | 0.2 0.1     | -             | 7   | respond       | single/under
    T = 0 refuses with no probability at all        | threshold refuse=0            | 0 1         | -             | 201 | refuse refuse | single/over
    T = 1 needs certainty                           | threshold refuse=1            | 0.999 0.001 | -             | -   | respond       | single/under
    T = 1 refuses at certainty                      | threshold refuse=1            | 1 0         | -             | -   | refuse refuse | single/over
    no threshold, never a refusal                   | threshold                     | 1 0         | -             | 200 | respond       | -
    the same under top-category: over               | top-category refuse=0.5       | 0.6 0.3     | -             | -   | refuse refuse | category/over
    the same under top-category: under              | top-category refuse=0.7       | 0.6 0.3     | -             | 200 | respond       | category/under
    the same as a sum of one                        | sum sum=0.5                   | 0.5 0.25    | -             | -   | refuse refuse | single/over

    # one refusal token against the respond token
    likelier than respond                           | relative refuse=0.5           | 0.3 0.2     | -             | -   | refuse refuse | single/-1 refuse
    as likely as respond                            | relative refuse=0.5           | 0.25 0.25   | -             | 201 | refuse refuse | single/-1 refuse
    less likely than respond                        | relative refuse=0.5           | 0.2 0.3     | -             | -   | respond       | single/-1 respond
    likelier than respond, both hardly likely       | relative refuse=0.5           | 0.002 0.001 | -             | 7   | refuse refuse | single/-1 refuse
    r = 3/4 is over 0.74                            | relative refuse=0.74          | 0.3 0.1     | -             | -   | refuse refuse | -
    r = 3/4 is under 0.76                           | relative refuse=0.76          | 0.3 0.1     | -             | -   | respond       | -
    r = 1 where respond is impossible               | relative refuse=1             | 0.1 0       | -5 -inf       | -   | refuse refuse | -
    r = 0 where refuse is impossible                | relative refuse=0.001         | 0 0.1       | -inf -5       | -   | respond       | -
    r = 0 where both are impossible                 | relative refuse=0.001         | 0 0         | -inf -inf     | 7   | respond       | -
    r = 0 still reaches T = 0                       | relative refuse=0             | 0 0         | -inf -inf     | 7   | refuse refuse | -
    probabilities underflow, logits do not: over    | relative refuse=0.5           | 0 0         | -2000 -2001   | 7   | refuse refuse | single/-1 refuse
    probabilities underflow, logits do not: under   | relative refuse=0.5           | 0 0         | -2001 -2000   | 7   | respond       | -
    two logits above, r = 0.88 at tau 1             | relative refuse=0.8           | 0.4 0.1     | 2 0           | -   | refuse refuse | -
    two logits above, r = 0.73 at tau 2             | relative refuse=0.8 tau=2     | 0.4 0.1     | 2 0           | -   | respond       | -
    two logits above, 0.73 is over 0.7              | relative refuse=0.7 tau=2     | 0.4 0.1     | 2 0           | -   | refuse refuse | -

    # several categories, threshold
    only one over                                   | threshold safety=0.3 unsupported=0.3 | 0 0 0 0.4 0.2 0.4    | - | -   | refuse safety      | -
    both over: the likelier                         | threshold safety=0.2 unsupported=0.2 | 0 0 0 0.3 0.4 0.3    | - | -   | refuse unsupported | -
    the likelier is under its own threshold         | threshold safety=0.2 unsupported=0.5 | 0 0 0 0.3 0.4 0.3    | - | -   | refuse safety      | -
    the likelier has no threshold                   | threshold safety=0.2                 | 0 0 0 0.3 0.4 0.3    | - | -   | refuse safety      | -
    none over, though a category is the argmax      | threshold safety=0.5 unsupported=0.5 | 0 0 0 0.4 0.2 0.1    | - | 103 | respond            | -
    equal: the one declared first                   | threshold safety=0.2 unsupported=0.2 | 0 0 0 0.3 0.3 0.4    | - | -   | refuse safety      | -
    equal: the policy's order goes before the model's | threshold only:unsupported,safety safety=0.2 unsupported=0.2 | 0 0 0 0.3 0.3 0.4 | - | - | refuse unsupported | -
    equal probabilities, unequal logits             | threshold safety=0 unsupported=0     | 0 0 0 0 0 1          | 0 0 0 -900 -899 50 | - | refuse unsupported | -
    T = 0 everywhere, all impossible                | threshold humanizing=0 incomplete=0 safety=0 | 0 0 0 0 0 0  | -inf -inf -inf -inf -inf -inf | 7 | refuse humanizing | -
    T = 0 wins nothing over a likelier category     | threshold humanizing=0 safety=0.5    | 0.1 0 0 0.6 0 0.3    | - | -   | refuse safety      | -
    T = 0 refuses where the likelier is under       | threshold humanizing=0 safety=0.7    | 0.1 0 0 0.6 0 0.3    | - | -   | refuse humanizing  | -
    thresholds are not summed                       | threshold safety=0.5 unsupported=0.5 | 0 0 0 0.4 0.4 0.2    | - | -   | respond            | -

    # several categories against the respond token
    relative: both over: the likelier               | relative safety=0.5 unsupported=0.5  | 0 0 0 0.3 0.4 0.2    | - | -   | refuse unsupported | -
    relative: the likelier is under its threshold   | relative safety=0.5 unsupported=0.9  | 0 0 0 0.3 0.4 0.2    | - | -   | refuse safety      | -
    relative: both hold r = 1, the larger logit wins | relative safety=1 unsupported=1     | 0 0 0 0.1 0.2 0      | 0 0 0 1 2 -inf | - | refuse unsupported | -
    relative: equal: the one declared first         | relative safety=0.5 unsupported=0.5  | 0 0 0 0.3 0.3 0.2    | - | -   | refuse safety      | -

    # top-category
    the top is selected and over                    | top-category safety=0.5              | 0 0 0 0.6 0.1 0.3    | - | -   | refuse safety      | category/over
    the top is selected and exactly there           | top-category safety=0.5              | 0 0 0 0.5 0.1 0.4    | - | -   | refuse safety      | category/over
    over, though respond is the argmax              | top-category safety=0.2              | 0 0 0 0.3 0.1 0.6    | - | 105 | refuse safety      | category/over
    the top is selected and under                   | top-category safety=0.7              | 0 0 0 0.6 0.1 0.1    | - | 103 | respond            | category/under
    under, another selected one would be over       | top-category safety=0.7 unsupported=0.1 | 0 0 0 0.6 0.3 0.1 | - | 103 | respond            | category/under
    T = 0 is always over                            | top-category safety=0                | 0 0 0 0.001 0 0.9    | - | 105 | refuse safety      | category/over
    the top is not selected, respond is the argmax  | top-category unsupported=0.1         | 0 0 0 0.3 0.2 0.5    | - | 105 | respond unforced   | category/unselected
    the top is not selected, but the argmax         | top-category unsupported=0.1         | 0 0 0 0.5 0.2 0.3    | - | 103 | refuse safety unforced | category/unselected
    the top is not selected, a word is the argmax   | top-category unsupported=0.1         | 0 0 0 0.3 0.2 0.1    | - | 7   | model              | category/unselected
    none is selected                                | top-category                         | 0 0 0 0.3 0.2 0.5    | - | 105 | respond unforced   | category/unselected
    equal at the top: the first one is unselected   | top-category unsupported=0.1         | 0 0 0 0.4 0.4 0.2    | - | 103 | refuse safety unforced | category/unselected
    equal at the top: the policy declares its own first | top-category only:unsupported unsupported=0.1 | 0 0 0 0.4 0.4 0.2 | - | 103 | refuse unsupported | category/over
    all impossible: the top is the one declared first | top-category humanizing=0          | 0 0 0 0 0 0          | -inf -inf -inf -inf -inf -inf | 7 | refuse humanizing | category/over

    # sum
    together over, none alone                       | sum sum=0.5                          | 0.1 0.1 0.1 0.15 0.1 0.45 | - | 105 | refuse safety | -
    together exactly there                          | sum sum=0.5                          | 0 0 0 0.25 0.25 0.5  | - | -   | refuse safety      | -
    together under                                  | sum sum=0.6                          | 0 0 0 0.3 0.2 0.1    | - | 103 | respond            | -
    categories that the policy does not name count  | sum only:safety sum=0.5              | 0 0 0 0.2 0.4 0.4    | - | -   | refuse unsupported | -
    thresholds of categories play no part           | sum safety=1 unsupported=1 sum=0.5   | 0 0 0 0.2 0.4 0.4    | - | -   | refuse unsupported | -
    no sum threshold, never a refusal               | sum safety=0                         | 0 0 0 0.9 0.1 0      | - | 103 | respond            | -
    T = 0, all impossible                           | sum sum=0                            | 0 0 0 0 0 0          | -inf -inf -inf -inf -inf -inf | 7 | refuse humanizing | -

    # logit-bias
    no biases: respond is the largest               | logit-bias                           | 0 0 0 0.3 0.1 0.5    | - | -   | respond            | -
    no biases: a category is the largest            | logit-bias                           | 0 0 0 0.5 0.1 0.3    | - | -   | refuse safety      | -
    a word is the argmax, and is not asked          | logit-bias                           | 0 0 0 0.2 0.1 0.1    | - | 7   | refuse safety      | -
    a tie with respond is a refusal                 | logit-bias                           | 0 0 0 0.3 0.1 0.3    | - | 105 | refuse safety      | -
    a bias lifts a category to a tie                | logit-bias safety+1.5                | 0 0 0 0.2 0.1 0.6    | -9 -9 -9 1 0 2.5 | - | refuse safety | -
    a bias too small by a hair                      | logit-bias safety+1.4999             | 0 0 0 0.2 0.1 0.6    | -9 -9 -9 1 0 2.5 | - | respond | -
    a negative bias takes a refusal back            | logit-bias safety+-2                 | 0 0 0 0.6 0.1 0.2    | -9 -9 -9 3 0 2 | - | respond   | -
    biases change which category wins               | logit-bias unsupported+2             | 0 0 0 0.6 0.1 0.2    | -9 -9 -9 3 2 2 | - | refuse unsupported | -
    equal with biases: the one declared first       | logit-bias unsupported+1             | 0 0 0 0.6 0.1 0.2    | -9 -9 -9 3 2 2 | - | refuse safety | -
    no bias helps the impossible                    | logit-bias safety+1000               | 0 0 0 0 0 0.9        | -inf -inf -inf -inf -inf 0 | - | respond | -
    all impossible is a tie                         | logit-bias                           | 0 0 0 0 0 0          | -inf -inf -inf -inf -inf -inf | 7 | refuse humanizing | -
    tau plays no part                               | logit-bias safety+1.5 tau=2          | 0 0 0 0.2 0.1 0.6    | -9 -9 -9 1 0 2.5 | - | refuse safety | -
    thresholds play no part                         | logit-bias safety=1 sum=1            | 0 0 0 0.5 0.1 0.3    | - | -   | refuse safety      | -
    from stored probabilities at tau 2              | logit-bias safety+1.4 tau=2          | 0 0 0 0.2 0.1 0.4    | - | -   | refuse safety      | -
    from stored probabilities at tau 2, too little  | logit-bias safety+1.3 tau=2          | 0 0 0 0.2 0.1 0.4    | - | -   | respond            | -
    """)
    void the_decision_is_the_one_worked_out_by_hand(
            String name,
            String policy,
            String probabilities,
            String logits,
            String argmax,
            String decision,
            String branch) {
        assertTrue(BRANCHES.contains(branch), branch);
        double[] p = numbers(probabilities);
        DecisionTokens tokens = p.length == 2 ? PaperTokens.ONE_TOKEN : PaperTokens.CATEGORIES;
        RefusalPolicy given = policy(policy, tokens);
        int choice = argmax.equals("-") ? LabelNumbers.NO_LABEL : tokens.indexOfToken(Integer.parseInt(argmax));
        Reading reading = logits.equals("-")
                ? Reading.ofProbabilities(tokens.labels(), given.temperature(), p, choice)
                : Reading.of(tokens.labels(), given.temperature(), p, numbers(logits), choice, 0);

        assertEquals(decision, describe(given.decide(reading)), name);
    }

    private static String describe(Decision decision) {
        String forced = decision.forced() ? "" : " unforced";
        if (decision instanceof Decision.Refuse refuse) {
            return "refuse " + refuse.category().id() + forced;
        }
        return decision instanceof Decision.Respond ? "respond" + forced : "model";
    }

    private static RefusalPolicy policy(String text, DecisionTokens tokens) {
        List<String> words = Arrays.asList(text.split(" "));
        RefusalPolicy policy =
                PaperTokens.defaults(tokens, Rule.of(words.get(0))).withSumThreshold(null);
        for (Category category : tokens.labels().categories()) {
            policy = policy.withoutThreshold(category.id());
        }
        for (String word : words.subList(1, words.size())) {
            if (word.startsWith("only:")) {
                policy = only(policy, word.substring(5).split(","));
            } else if (word.startsWith("tau=")) {
                policy = policy.withTemperature(Double.parseDouble(word.substring(4)));
            } else if (word.startsWith("sum=")) {
                policy = policy.withSumThreshold(Double.parseDouble(word.substring(4)));
            } else if (word.contains("=")) {
                policy = policy.withThreshold(word.split("=")[0], Double.parseDouble(word.split("=")[1]));
            } else {
                policy = policy.withBias(word.split("\\+")[0], Double.parseDouble(word.split("\\+")[1]));
            }
        }
        return policy;
    }

    private static RefusalPolicy only(RefusalPolicy policy, String[] ids) {
        List<CategoryPolicy> named =
                Arrays.stream(ids).map(id -> policy.category(id).orElseThrow()).toList();
        return new RefusalPolicy(
                policy.rule(), policy.temperature(), policy.readout(), policy.sumThreshold(), named, null);
    }

    private static double[] numbers(String text) {
        Map<String, Double> words = Map.of("-inf", Double.NEGATIVE_INFINITY);
        return Arrays.stream(text.split(" "))
                .mapToDouble(word -> words.containsKey(word) ? words.get(word) : Double.parseDouble(word))
                .toArray();
    }
}
