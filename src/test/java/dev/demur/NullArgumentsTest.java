package dev.demur;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.demur.grammar.Grammar;
import dev.demur.llama.Message;
import dev.demur.llama.Processing;
import dev.demur.llama.Sampling;
import dev.demur.policy.Category;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Reading;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A null argument is a wrong argument, wherever README promises what becomes of these. */
class NullArgumentsTest {

    private static final Labels LABELS = new Labels(List.of(new Category("safety", "Safety")));
    private static final ReadoutIdentity READOUT = new ReadoutIdentity("tokens", null, Map.of());
    private static final RefusalPolicy POLICY = RefusalPolicy.defaults(LABELS, READOUT, Rule.THRESHOLD);
    private static final Reading READING = Reading.of(LABELS, 1, new double[] {0.5, 0.5}, new double[] {0, 0}, 1, 0);

    /** What stands for arguments that are right, by their types. */
    private static final Map<Class<?>, Object> RIGHT = new HashMap<>(Map.ofEntries(
            Map.entry(String.class, "safety"),
            Map.entry(List.class, List.of()),
            Map.entry(Map.class, Map.of()),
            Map.entry(Path.class, Path.of("none")),
            Map.entry(double.class, 0.5),
            Map.entry(Double.class, 0.5),
            Map.entry(int.class, 1),
            Map.entry(long.class, 1L),
            Map.entry(boolean.class, true),
            Map.entry(Rule.class, Rule.THRESHOLD),
            Map.entry(Labels.class, LABELS),
            Map.entry(Reading.class, READING),
            Map.entry(ReadoutIdentity.class, READOUT),
            Map.entry(RefusalPolicy.class, POLICY),
            Map.entry(Decision.class, POLICY.decide(READING)),
            Map.entry(Sampling.class, Sampling.GREEDY),
            Map.entry(Processing.class, Processing.HOST),
            Map.entry(Message.Role.class, Message.Role.USER)));

    private static final Map<Class<?>, Object> INSTANCES = Map.of(
            RefusalPolicy.class, POLICY,
            GenerationOptions.class, GenerationOptions.DEFAULTS,
            LoadOptions.class, LoadOptions.DEFAULTS);

    /** One parameter that takes no null. */
    record Case(Executable called, int parameter) {
        @Override
        public String toString() {
            return called.getDeclaringClass().getSimpleName() + "." + called.getName() + " "
                    + called.getParameters()[parameter].getType().getSimpleName() + " " + parameter;
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Class<?> type : List.of(
                Category.class,
                CategoryPolicy.class,
                Labels.class,
                ReadoutIdentity.class,
                RefusalPolicy.class,
                PolicyFile.class,
                Rule.class,
                Message.class,
                Grammar.class,
                GenerationOptions.class,
                LoadOptions.class)) {
            List<Executable> all = new ArrayList<>(List.of(type.getConstructors()));
            Arrays.stream(type.getDeclaredMethods())
                    .filter(m -> Modifier.isPublic(m.getModifiers()) && !m.isSynthetic())
                    .filter(m -> Modifier.isStatic(m.getModifiers()) || INSTANCES.containsKey(type))
                    .filter(m -> !m.getName().equals("equals") && !m.getName().equals("valueOf"))
                    .filter(m -> !m.getName().equals("placement")) // of a runtime
                    .forEach(all::add);
            for (Executable called : all) {
                Parameter[] parameters = called.getParameters();
                for (int i = 0; i < parameters.length; i++) {
                    boolean nullable = parameters[i].getAnnotatedType().isAnnotationPresent(Nullable.class);
                    if (!nullable && !parameters[i].getType().isPrimitive()) {
                        cases.add(new Case(called, i));
                    }
                }
            }
        }
        return cases;
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_null_where_none_may_be_is_an_illegal_argument(Case given) throws ReflectiveOperationException {
        Executable called = given.called();
        Parameter[] parameters = called.getParameters();
        Object[] arguments = new Object[parameters.length];
        for (int i = 0; i < arguments.length; i++) {
            boolean nullable = parameters[i].getAnnotatedType().isAnnotationPresent(Nullable.class);
            if (i != given.parameter() && !nullable) {
                assertTrue(RIGHT.containsKey(parameters[i].getType()), "no example of " + parameters[i].getType());
                arguments[i] = RIGHT.get(parameters[i].getType());
            }
        }
        try {
            if (called instanceof Method method) {
                method.invoke(INSTANCES.get(method.getDeclaringClass()), arguments);
            } else {
                ((java.lang.reflect.Constructor<?>) called).newInstance(arguments);
            }
            fail(given + " takes null");
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            assertTrue(cause instanceof IllegalArgumentException, given + ": " + cause);
            assertTrue(String.valueOf(cause.getMessage()).contains("null"), given + ": " + cause.getMessage());
        }
    }

    @Test
    void there_are_cases_of_every_kind() {
        assertTrue(cases().size() > 30, cases().toString());
        assertFalse(cases().stream().noneMatch(c -> c.called() instanceof Method));
    }
}
