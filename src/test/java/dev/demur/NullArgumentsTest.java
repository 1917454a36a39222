package dev.demur;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.demur.evaluation.TextEvaluator;
import dev.demur.scoring.PromptScorer;
import dev.demur.scoring.ScoreWriter;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A null where none may be is an IllegalArgumentException that says so, in every call of the API that needs no loaded model. */
class NullArgumentsTest {

    /** Of these {@link WrongArgumentsIT} calls the methods, with a model. */
    private static final Set<Class<?>> NEED_A_MODEL = Set.of(
            Demur.class,
            Conversation.class,
            FrameAsker.class,
            PromptScorer.class,
            ScoreWriter.class,
            TextEvaluator.class);

    /** One parameter that takes no null. */
    record Case(Executable called, int parameter) {
        /** Its name, where that is known: in a record. */
        String component() {
            RecordComponent[] components = called.getDeclaringClass().getRecordComponents();
            boolean canonical = called instanceof Constructor
                    && components != null
                    && components.length == called.getParameterCount();
            return canonical ? components[parameter].getName() : "";
        }

        @Override
        public String toString() {
            return PublicCalls.name(called) + " " + parameter;
        }
    }

    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        for (Class<?> type : PublicCalls.types()) {
            for (Executable called : PublicCalls.of(type)) {
                boolean needsModel = NEED_A_MODEL.contains(type) && isOfAnInstance(called);
                Parameter[] parameters = called.getParameters();
                for (int i = 0; !needsModel && i < parameters.length; i++) {
                    if (!PublicCalls.takesNull(parameters[i])) {
                        cases.add(new Case(called, i));
                    }
                }
            }
        }
        return cases;
    }

    private static boolean isOfAnInstance(Executable called) {
        return called instanceof Method && !Modifier.isStatic(called.getModifiers());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void a_null_where_none_may_be_is_an_illegal_argument(Case given) throws ReflectiveOperationException {
        Executable called = given.called();
        @Nullable Object[] arguments = ExampleArguments.all(called.getParameters());
        arguments[given.parameter()] = null;
        try {
            if (called instanceof Method method) {
                Class<?> type = method.getDeclaringClass();
                Object target = isOfAnInstance(method) ? ExampleArguments.of(type) : null;
                assertTrue(target != null || !isOfAnInstance(method), "no example of " + type);
                method.invoke(target, arguments);
            } else {
                ((Constructor<?>) called).newInstance(arguments);
            }
            fail(given + " takes null");
        } catch (InvocationTargetException e) {
            Throwable cause = e.getCause();
            assertTrue(cause instanceof IllegalArgumentException, given + ": " + cause);
            String message = String.valueOf(cause.getMessage());
            assertTrue(message.contains("null"), given + ": " + message);
            assertTrue(message.contains(given.component()), given + ": " + message);
        }
    }

    @Test
    void there_are_cases_of_every_kind() {
        assertTrue(cases().size() > 400, cases().toString());
    }
}
