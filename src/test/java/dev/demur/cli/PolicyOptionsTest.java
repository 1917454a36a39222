package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import dev.demur.calibration.Provenance;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.ChosenPolicy;
import dev.demur.cli.options.PolicyOptions;
import dev.demur.cli.options.UsageException;
import dev.demur.cli.terminal.Terminal;
import dev.demur.llama.Kernel;
import dev.demur.llama.Processing;
import dev.demur.policy.Calibration;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.PolicyException;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.ReadoutInfo;
import dev.demur.readout.internal.TokenReadout;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class PolicyOptionsTest {

    private static final DecisionTokens TOKENS = PaperTokens.CATEGORIES;
    private static final ReadoutInfo READOUT = new TokenReadout(TOKENS, Kernel.SCALAR, Processing.HOST).info();

    @TempDir
    Path folder;

    private static PolicyOptions parse(String... args) {
        CommandSpec spec = CommandSpec.create();
        PolicyOptions.addTo(spec);
        return PolicyOptions.from(new Arguments(new CommandLine(spec).parseArgs(args)));
    }

    /** The policy where the model carries none of its own. */
    private static RefusalPolicy policy(String... args) {
        return parse(args).choose(READOUT, () -> defaults(Rule.THRESHOLD)).policy();
    }

    private static RefusalPolicy defaults(Rule rule) {
        return PaperTokens.defaults(TOKENS, rule);
    }

    private static Double threshold(RefusalPolicy policy, String id) {
        return policy.category(id).map(CategoryPolicy::threshold).orElse(null);
    }

    @Test
    void a_policy_that_nobody_chose_is_not_called_the_models() {
        assertEquals(
                "the default policy, as the model has none",
                parse("--threshold", "safety=0.2")
                        .choose(READOUT, () -> defaults(Rule.THRESHOLD))
                        .source());
        for (RefusalPolicy own : List.of(
                defaults(Rule.THRESHOLD).withThreshold("safety", 0.3),
                defaults(Rule.THRESHOLD).withReply("safety", "No."),
                defaults(Rule.SUM))) {
            assertEquals(
                    "the model's own policy", parse().choose(READOUT, () -> own).source());
        }
    }

    /** What is said to a person of the policy of a model that is asked in words, after its choice. */
    private static String toldOfWords(RefusalPolicy own, String... args) {
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        Terminal terminal = new Terminal(
                InputStream.nullInputStream(),
                CommandRun.plain(OutputStream.nullOutputStream()),
                CommandRun.plain(err));
        PolicyOptions options = parse(args);
        ChosenPolicy chosen =
                options.choose(TOKENS.labels(), new ReadoutIdentity("words", "1", Map.of()), () -> own, preset -> own);
        options.showPromise(chosen, Provenance.of(chosen.calibrated()), terminal);
        return err.toString(StandardCharsets.UTF_8);
    }

    @Test
    void thresholds_that_nobody_chose_for_words_are_called_that() {
        RefusalPolicy words =
                RefusalPolicy.defaults(TOKENS.labels(), new ReadoutIdentity("words", "1", Map.of()), Rule.THRESHOLD);
        assertTrue(toldOfWords(words).startsWith("(not calibrated: "), toldOfWords(words));
        assertEquals("", toldOfWords(words, "--threshold", "safety=0.2"), "who says one has chosen");
        JsonObject note = new JsonObject();
        note.addProperty("policyHash", words.checksum());
        assertEquals("", toldOfWords(words.withCalibration(Calibration.parse(note.toString()))));
        assertEquals("", toldOfWords(defaults(Rule.THRESHOLD)), "control tokens");
    }

    private Path file(RefusalPolicy policy) throws IOException {
        return Files.writeString(folder.resolve("policy.json"), PolicyFile.write(policy));
    }

    private static RefusalPolicy onlySafety() {
        CategoryPolicy safety = new CategoryPolicy("safety", null, 0.2, 1.5, "No.");
        return new RefusalPolicy(Rule.THRESHOLD, 2, TOKENS.identity(), null, List.of(safety), null);
    }

    @Test
    void without_options_the_models_own_policy_applies_unchanged() {
        RefusalPolicy own = onlySafety();
        assertEquals(own, parse().choose(READOUT, () -> own).policy());
    }

    @Test
    void a_rule_alone_uses_one_half_for_every_category_whatever_the_model_carries() {
        for (Rule rule : Rule.values()) {
            if (rule == Rule.REFIT) {
                continue;
            }
            RefusalPolicy policy = parse("--rule", rule.id())
                    .choose(READOUT, PolicyOptionsTest::onlySafety)
                    .policy();
            assertEquals(defaults(rule), policy);
        }
    }

    @Test
    void the_rule_refit_needs_a_policy_with_a_map() {
        UsageException e = assertThrows(
                UsageException.class, () -> parse("--rule", "refit").choose(READOUT, PolicyOptionsTest::onlySafety));
        assertTrue(e.getMessage().contains("demur calibrate --refit wrote"), e.getMessage());
    }

    @Test
    void thresholds_override_one_category_each_and_none_removes_one() {
        RefusalPolicy policy =
                policy("--threshold", "safety=0.25", "--threshold=humanizing=none", "--threshold", "sum=1");
        assertEquals(0.25, threshold(policy, "safety"));
        assertNull(threshold(policy, "humanizing"));
        assertEquals(0.5, threshold(policy, "unsupported"));
        assertEquals(1.0, policy.sumThreshold());
    }

    @Test
    void the_sum_threshold_can_be_removed() {
        assertNull(policy("--rule", "sum", "--threshold", "sum=none").sumThreshold());
    }

    @Test
    void biases_and_tau_are_set_from_numbers_in_any_usual_notation() {
        RefusalPolicy policy =
                policy("--rule", "logit-bias", "--bias", "safety=-1.5e-1", "--bias", "unsupported=+2", "--tau", "2");
        assertEquals(-0.15, policy.category("safety").orElseThrow().bias());
        assertEquals(2.0, policy.category("unsupported").orElseThrow().bias());
        assertEquals(2.0, policy.temperature());
    }

    @Test
    void a_policy_file_is_the_start_and_options_change_it() throws IOException {
        String file = file(onlySafety()).toString();
        RefusalPolicy policy = policy("--policy", file, "--threshold", "incomplete=0.7");
        assertEquals(0.2, threshold(policy, "safety"));
        assertEquals(0.7, threshold(policy, "incomplete"));
        assertEquals("No.", policy.category("safety").orElseThrow().reply());
        assertEquals(2, policy.temperature());
    }

    @Test
    void a_rule_with_a_policy_file_keeps_the_files_thresholds() throws IOException {
        String file = file(onlySafety()).toString();
        RefusalPolicy relative = policy("--policy", file, "--rule", "relative");
        assertEquals(Rule.RELATIVE, relative.rule());
        assertEquals(0.2, threshold(relative, "safety"));
        assertNull(threshold(relative, "incomplete"));
        assertEquals(0.5, policy("--policy", file, "--rule", "sum").sumThreshold());
    }

    @Test
    void an_unknown_category_is_wrong_usage_that_lists_the_models_categories() {
        for (String[] args : new String[][] {
            {"--threshold", "violence=0.5"},
            {"--bias", "violence=1"},
            {"--threshold", "respond=0.5"},
            {"--bias", "sum=1"}
        }) {
            UsageException e = assertThrows(UsageException.class, () -> policy(args));
            assertTrue(
                    e.getMessage().endsWith("it has humanizing, incomplete, indeterminate, safety, unsupported"),
                    e.getMessage());
        }
    }

    @Test
    void a_bad_policy_file_is_a_failure_that_names_file_and_field() throws IOException {
        Path bad = Files.writeString(folder.resolve("bad.json"), "{\"version\": 1, \"rule\": \"threshold\"}");
        PolicyException e = assertThrows(PolicyException.class, () -> policy("--policy", bad.toString()));
        assertEquals(bad + ": categories: is missing", e.getMessage());
        Files.writeString(bad, "{\"version\": 1, \"rule\": \"threshold\", \"categories\": []}");
        e = assertThrows(PolicyException.class, () -> policy("--policy", bad.toString()));
        assertEquals(bad + ": respond: is missing", e.getMessage());
        Files.writeString(bad, "{\"version\": 2, \"rule\": \"threshold\"}");
        e = assertThrows(PolicyException.class, () -> policy("--policy", bad.toString()));
        assertEquals(bad + ": categories: is missing", e.getMessage());
    }

    @Test
    void a_policy_file_of_version_1_is_the_start_as_one_of_version_2() throws IOException {
        String first = Files.writeString(
                        folder.resolve("first.json"),
                        "{\"version\":1,\"rule\":\"threshold\",\"temperature\":2,\"respond\":\"[respond]\",\"categories\":["
                                + "{\"id\":\"safety\",\"token\":\"[Requests with safety concerns]\",\"threshold\":0.2,"
                                + "\"bias\":1.5,\"reply\":\"No.\"}]}")
                .toString();
        ReadoutIdentity tokens = new ReadoutIdentity(
                "tokens", null, Map.of("safety", "[Requests with safety concerns]", "respond", "[respond]"));
        CategoryPolicy safety = new CategoryPolicy("safety", null, 0.2, 1.5, "No.");
        RefusalPolicy expected = new RefusalPolicy(Rule.THRESHOLD, 2, tokens, null, List.of(safety), null);
        assertEquals(expected, policy("--policy", first));
        assertEquals(expected, policy("--policy", file(expected).toString()));
    }

    @Test
    void a_policy_file_with_other_tokens_or_for_another_kind_of_readout_is_refused_by_name() throws IOException {
        String first = Files.writeString(
                        folder.resolve("first.json"),
                        "{\"version\":1,\"rule\":\"threshold\",\"respond\":\"[answer]\",\"categories\":[]}")
                .toString();
        PolicyException e = assertThrows(PolicyException.class, () -> policy("--policy", first));
        assertEquals(
                first + ": readout: \"respond\" has the token \"[answer]\", which in this model is \"[respond]\""
                        + ": calibrate with this model",
                e.getMessage());
        String other = file(RefusalPolicy.defaults(
                        TOKENS.labels(),
                        new ReadoutIdentity("head", TOKENS.identity().checksum(), Map.of()),
                        Rule.THRESHOLD))
                .toString();
        e = assertThrows(PolicyException.class, () -> policy("--policy", other));
        assertEquals(
                other + ": readout: was made for the readout \"head\", and \"tokens\" is used, whose numbers mean"
                        + " something else: score and calibrate with that one",
                e.getMessage());
    }

    @Test
    void a_policy_for_another_model_is_a_failure_that_names_the_file() throws IOException {
        String file = file(PaperTokens.defaults(PaperTokens.ONE_TOKEN, Rule.THRESHOLD))
                .toString();
        PolicyException e = assertThrows(PolicyException.class, () -> policy("--policy", file));
        assertTrue(e.getMessage().startsWith(file), e.getMessage());
    }

    @Test
    void options_that_play_no_part_under_the_rule_are_told() {
        assertEquals(List.of(), withoutEffect("--threshold", "safety=0.3"));
        assertEquals(List.of(), withoutEffect("--rule", "sum", "--threshold", "sum=0.3"));
        assertEquals(List.of(), withoutEffect("--rule", "logit-bias", "--bias", "safety=1"));
        assertEquals(
                List.of("--threshold safety has no effect under the rule sum: use --threshold sum=T, or another rule"),
                withoutEffect("--rule", "sum", "--threshold", "safety=0.3"));
        assertEquals(
                List.of("--threshold sum has no effect under the rule threshold: use --rule sum, or another rule"),
                withoutEffect("--threshold", "sum=0.3"));
        assertEquals(
                List.of(
                        "--threshold safety has no effect under the rule logit-bias: use --bias safety=B, or another rule"),
                withoutEffect("--rule", "logit-bias", "--threshold", "safety=0.3"));
        assertEquals(
                List.of("--bias has no effect under the rule relative: add --rule logit-bias"),
                withoutEffect("--rule", "relative", "--bias", "safety=1"));
    }

    private static List<String> withoutEffect(String... args) {
        return parse(args).withoutEffect(policy(args));
    }
}
