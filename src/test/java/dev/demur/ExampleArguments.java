package dev.demur;

import dev.demur.calibration.CalibrationRequest;
import dev.demur.calibration.Objective;
import dev.demur.calibration.PromptGroups;
import dev.demur.dataset.RowLabels;
import dev.demur.evaluation.EvaluationOptions;
import dev.demur.fit.FitData;
import dev.demur.fit.FitOptions;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.GgufWriter;
import dev.demur.gguf.Metadata;
import dev.demur.grammar.Grammar;
import dev.demur.grammar.GrammarMatcher;
import dev.demur.llama.Cancellation;
import dev.demur.llama.HiddenState;
import dev.demur.llama.Sampling;
import dev.demur.monitor.DecisionLog;
import dev.demur.monitor.LogEntry;
import dev.demur.monitor.Monitor;
import dev.demur.monitor.MonitorOptions;
import dev.demur.monitor.WatchedRate;
import dev.demur.policy.Calibration;
import dev.demur.policy.Category;
import dev.demur.policy.Decision;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.Head;
import dev.demur.readout.Wording;
import dev.demur.readout.words.Frame;
import dev.demur.readout.words.Frames;
import dev.demur.scoring.DataCheck;
import dev.demur.scoring.Decisions;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import java.io.InputStream;
import java.lang.reflect.Array;
import java.lang.reflect.Constructor;
import java.lang.reflect.Parameter;
import java.lang.reflect.Proxy;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** What stands for arguments that are right, by their types. */
final class ExampleArguments {

    private static final Map<Class<?>, Object> KNOWN = known();

    private ExampleArguments() {}

    private static Map<Class<?>, Object> known() {
        Labels labels = new Labels(List.of(new Category("safety", "Safety")));
        ReadoutIdentity readout = new ReadoutIdentity("tokens", null, Map.of());
        RefusalPolicy policy = RefusalPolicy.defaults(labels, readout, Rule.THRESHOLD);
        Reading reading = Reading.of(labels, 1, new double[] {0.5, 0.5}, new double[] {0, 0}, 1, 0);
        ScoreMeta meta = new ScoreMeta("model", null, null, 1, labels, readout, "data", null, null, null);
        ScoredPrompts prompts = ScoredPrompts.builder(meta).build();
        Map<Class<?>, Object> known = new HashMap<>();
        known.put(String.class, "safety");
        known.put(Double.class, 0.5);
        known.put(Integer.class, 1);
        known.put(Long.class, 1L);
        known.put(BigDecimal.class, BigDecimal.ONE);
        known.put(List.class, List.of());
        known.put(Map.class, Map.of());
        known.put(Optional.class, Optional.empty());
        known.put(OptionalLong.class, OptionalLong.empty());
        known.put(Path.class, Path.of("none"));
        known.put(InputStream.class, InputStream.nullInputStream());
        known.put(ByteBuffer.class, ByteBuffer.allocate(0));
        known.put(Labels.class, labels);
        known.put(Reading.class, reading);
        known.put(LabelNumbers.class, reading);
        known.put(ReadoutIdentity.class, readout);
        known.put(RefusalPolicy.class, policy);
        known.put(Rules.class, policy.bind(labels));
        known.put(Decision.class, policy.decide(reading));
        known.put(Calibration.class, Calibration.parse("{}"));
        known.put(Sampling.class, Sampling.GREEDY);
        known.put(Cancellation.class, new Cancellation());
        known.put(Grammar.class, Grammar.parse("root ::= \"yes\""));
        known.put(GrammarMatcher.class, new GrammarMatcher(Grammar.parse("root ::= \"yes\"")));
        known.put(GenerationOptions.class, GenerationOptions.DEFAULTS);
        known.put(LoadOptions.class, LoadOptions.DEFAULTS);
        known.put(Request.class, Request.of("Hello"));
        known.put(GgufFile.class, GgufFile.read(Path.of("models", "demur-tiny.gguf")));
        known.put(Metadata.class, Metadata.read(Path.of("models", "demur-tiny.gguf")));
        known.put(GgufWriter.class, new GgufWriter());
        known.put(
                Head.class,
                new Head(
                        labels,
                        List.of(""),
                        Head.Sees.MESSAGE,
                        Wording.AS_WRITTEN,
                        List.of(new HiddenState(1, HiddenState.Pooling.values()[0])),
                        1,
                        new float[2],
                        new float[2]));
        known.put(DecisionTokens.class, new DecisionTokens(labels, List.of("[safety]", "[respond]"), List.of(1, 2)));
        known.put(Frame.class, Frames.named(Frames.names().get(0)));
        known.put(ScoreMeta.class, meta);
        known.put(ScoredPrompts.class, prompts);
        known.put(ScoredPrompts.Builder.class, ScoredPrompts.builder(labels, 1));
        known.put(Decisions.class, prompts.decide(policy));
        known.put(DataCheck.class, new DataCheck(labels));
        known.put(RowLabels.class, new RowLabels(labels, readout));
        known.put(PromptGroups.class, PromptGroups.of(prompts, Map.of()));
        known.put(
                CalibrationRequest.class,
                CalibrationRequest.of(Rule.THRESHOLD, new Objective.FalseRefusal(0.1, 0.9, false)));
        known.put(FitData.class, new FitData());
        known.put(FitOptions.class, FitOptions.DEFAULTS);
        known.put(EvaluationOptions.class, EvaluationOptions.DEFAULTS);
        known.put(MonitorOptions.class, MonitorOptions.DEFAULTS);
        known.put(
                Monitor.class,
                Monitor.of(
                        policy, labels, MonitorOptions.DEFAULTS.withLimit(WatchedRate.falseRefusalAtMost(null, 0.1))));
        known.put(LogEntry.class, LogEntry.parse(DecisionLog.line("1", policy.decide(reading), false), "log"));
        return known;
    }

    /** An example of a type; null: none is known. */
    static @Nullable Object of(Class<?> type) {
        if (KNOWN.containsKey(type)) {
            return KNOWN.get(type);
        }
        if (type.isPrimitive()) {
            return ofPrimitive(type);
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        if (type.isArray()) {
            return Array.newInstance(type.getComponentType(), 0);
        }
        if (type.isSealed()) {
            return of(type.getPermittedSubclasses()[0]);
        }
        if (type.isInterface()) {
            return Proxy.newProxyInstance(
                    type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> null);
        }
        return type.isRecord() ? ofRecord(type) : null;
    }

    private static Object ofPrimitive(Class<?> type) {
        if (type == boolean.class) {
            return true;
        }
        if (type == double.class) {
            return 0.5;
        }
        return type == long.class ? (Object) 1L : type == byte.class ? (Object) (byte) 1 : (Object) 1;
    }

    private static @Nullable Object ofRecord(Class<?> type) {
        Constructor<?> canonical = type.getConstructors()[0];
        for (Constructor<?> constructor : type.getConstructors()) {
            if (constructor.getParameterCount() == type.getRecordComponents().length) {
                canonical = constructor;
            }
        }
        try {
            return canonical.newInstance(all(canonical.getParameters()));
        } catch (ReflectiveOperationException e) {
            return null;
        }
    }

    /** Examples for some parameters, null where that may be. */
    static @Nullable Object[] all(Parameter[] parameters) {
        @Nullable Object[] examples = new Object[parameters.length];
        for (int i = 0; i < examples.length; i++) {
            Parameter parameter = parameters[i];
            if (parameter.getType().isPrimitive() || !PublicCalls.takesNull(parameter)) {
                examples[i] = of(parameter.getType());
            }
        }
        return examples;
    }
}
