package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.calibration.CalibrationRequest;
import dev.demur.evaluation.EvaluationOptions;
import dev.demur.fit.FitOptions;
import dev.demur.grammar.Grammar;
import dev.demur.llama.Cancellation;
import dev.demur.llama.Kernel;
import dev.demur.llama.Message;
import dev.demur.llama.Processing;
import dev.demur.llama.Sampling;
import dev.demur.monitor.AuditPlan;
import dev.demur.monitor.MonitorOptions;
import dev.demur.monitor.WatchedRate;
import dev.demur.policy.RefusalPolicy;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Options are values: equal where they say the same, and told in logs. */
class OptionValuesTest {

    @ParameterizedTest
    @ValueSource(
            classes = {
                GenerationOptions.class,
                LoadOptions.class,
                Sampling.class,
                MonitorOptions.class,
                EvaluationOptions.class,
                FitOptions.class,
                CalibrationRequest.class
            })
    void options_that_are_built_again_are_equal_and_tell_each_value(Class<?> type) throws ReflectiveOperationException {
        Object options = type == Sampling.class ? Sampling.GREEDY : ExampleArguments.of(type);
        Object builder = type.getMethod("toBuilder").invoke(options);
        Object again = builder.getClass().getMethod("build").invoke(builder);
        assertEquals(options, again);
        assertEquals(options.hashCode(), again.hashCode());
        assertNotEquals(options, "options");
        for (Field field : type.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                assertTrue(options.toString().contains(field.getName() + "="), options + " lacks " + field);
            }
        }
    }

    @Test
    void each_option_of_a_generation_counts() {
        GenerationOptions options = GenerationOptions.DEFAULTS;
        assertDistinct(
                options,
                options.withPolicy((RefusalPolicy) ExampleArguments.of(RefusalPolicy.class)),
                options.withSampling(Sampling.GREEDY.withSeed(1)),
                options.withMaxTokens(1),
                options.withStopStrings(List.of("a")),
                options.withGrammar(Grammar.parse("root ::= \"a\"")),
                options.withCancellation(new Cancellation()),
                options.withCancellation(new Cancellation()));
        assertEquals(
                options.withGrammar(Grammar.parse("root ::= \"a\"")),
                options.withGrammar(Grammar.parse("root ::= \"a\"")));
    }

    @Test
    void each_option_of_a_load_counts_and_so_does_the_order_of_control_tokens() {
        LoadOptions options = LoadOptions.DEFAULTS;
        Map<String, String> tokens = new LinkedHashMap<>();
        tokens.put("a", "[a]");
        tokens.put("respond", "[b]");
        Map<String, String> turned = new LinkedHashMap<>();
        turned.put("respond", "[b]");
        turned.put("a", "[a]");
        assertDistinct(
                options,
                options.withLlama(Path.of("llama")),
                options.withDevices(List.of("CPU")),
                options.withGpuLayers(1),
                options.withThreads(1),
                options.withContextSize(1),
                options.withParallel(1),
                options.withCacheTokens(1),
                options.withQueueLimit(QueueLimit.failing(1)),
                options.withKernel(Kernel.values()[0]),
                options.withChatTemplate("chatml"),
                options.withProcessing(Processing.IN_GRAPH),
                options.withControlTokens(tokens),
                options.withControlTokens(turned),
                options.withReadout("ask"),
                options.withDecider(Path.of("decider")),
                options.withTemplateVariables(Map.of("a", 1)),
                options.withWrittenRefusals(true),
                options.withCancellation(new Cancellation()),
                options.withProgress(share -> {}));
    }

    @Test
    void each_option_of_a_monitor_and_of_an_evaluation_counts() {
        MonitorOptions monitor = MonitorOptions.DEFAULTS;
        assertDistinct(
                monitor,
                monitor.withLevel(0.1),
                monitor.withDriftLevel(0.1),
                monitor.withAudit(AuditPlan.uniform(0.5)),
                monitor.withLimit(WatchedRate.falseRefusalAtMost(null, 0.1)),
                monitor.withMostWaiting(1),
                monitor.withSeed(7));
        EvaluationOptions evaluation = EvaluationOptions.DEFAULTS;
        assertDistinct(
                evaluation,
                evaluation.withNoise(1),
                evaluation.withConfidence(0.5),
                evaluation.toBuilder().steeringShift(2).build(),
                evaluation.toBuilder().rocPoints(3).build(),
                evaluation.toBuilder().reliabilityBins(3).build());
    }

    @Test
    void a_request_is_its_messages_and_options_and_tells_no_text() {
        Request request = Request.of(List.of(Message.system("Be brief."), Message.user("a secret")));
        assertEquals(request, Request.of(request.messages()));
        assertEquals(request.hashCode(), Request.of(request.messages()).hashCode());
        assertNotEquals(request, Request.of("a secret"));
        assertNotEquals(request, request.withOptions(GenerationOptions.DEFAULTS.withMaxTokens(1)));
        String told = request.toString();
        assertTrue(told.startsWith("Request[messages=2, characters=17, options=GenerationOptions["), told);
        assertFalse(told.contains("secret"), told);
    }

    private static void assertDistinct(Object... all) {
        assertEquals(
                all.length, new HashSet<>(Arrays.asList(all)).size(), new ArrayList<>(Arrays.asList(all))::toString);
    }
}
