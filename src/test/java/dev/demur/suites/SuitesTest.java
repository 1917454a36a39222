package dev.demur.suites;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.AccessTarget.CodeUnitAccessTarget;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.properties.HasAnnotations;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.demur.bindings.Bindings;
import dev.demur.llama.internal.KernelIT;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** That what runs once needs no more than that, and what depends on the binding runs by each; see {@link EveryBinding}. */
class SuitesTest {

    /** A limit that ends what hangs, and that no machine is too slow for. */
    private static final long FEWEST_SECONDS = 1800;

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(location -> !location.contains("META-INF/versions/"))
            .importPaths(output(Bindings.class), output(SuitesTest.class));

    private static Path output(Class<?> type) {
        try {
            return Path.of(
                    type.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The tests that failsafe finds by their names. */
    private static List<JavaClass> integrationTests() {
        return CLASSES.stream()
                .filter(type -> type.getSimpleName().endsWith("IT"))
                .toList();
    }

    private static boolean isOnEveryBinding(JavaClass type) {
        return selfAndSuperclasses(type).anyMatch(each -> each.isAnnotatedWith(EveryBinding.class));
    }

    private static Stream<JavaClass> selfAndSuperclasses(JavaClass type) {
        return type.getClassHierarchy().stream().filter(each -> each.getName().startsWith("dev.demur."));
    }

    /** What is run of a test by every binding, its superclasses' part too. */
    private static List<JavaCodeUnit> runOnEveryBinding(JavaClass test) {
        boolean whole = isOnEveryBinding(test);
        return selfAndSuperclasses(test)
                .flatMap(type -> type.getCodeUnits().stream())
                .filter(unit -> whole || unit.isAnnotatedWith(EveryBinding.class))
                .toList();
    }

    /** Everything that these may call, where a call may reach every class that overrides what is called. */
    private static Set<JavaCodeUnit> reached(Collection<? extends JavaCodeUnit> roots) {
        Set<JavaCodeUnit> reached = new HashSet<>();
        // What is called from many places is looked up once.
        Set<String> called = new HashSet<>();
        Deque<JavaCodeUnit> left = new ArrayDeque<>(roots);
        while (!left.isEmpty()) {
            JavaCodeUnit unit = left.pop();
            if (reached.add(unit)) {
                unit.getAccessesFromSelf().stream()
                        .filter(access -> called.add(access.getTarget().getFullName()))
                        .forEach(access -> left.addAll(targets(access)));
            }
        }
        return reached;
    }

    private static List<JavaCodeUnit> targets(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        List<JavaCodeUnit> targets = new ArrayList<>();
        owner.getStaticInitializer().ifPresent(targets::add);
        if (access.getTarget() instanceof CodeUnitAccessTarget called) {
            called.resolveMember().ifPresent(targets::add);
            String[] types =
                    called.getRawParameterTypes().stream().map(HasName::getName).toArray(String[]::new);
            owner.getAllSubclasses()
                    .forEach(type -> type.tryGetMethod(called.getName(), types).ifPresent(targets::add));
            // A listener, a task: Java calls it.
            if (owner.isAnonymousClass()) {
                targets.addAll(owner.getMethods());
            }
        }
        return targets;
    }

    private static Set<String> bindingsReached(Collection<? extends JavaCodeUnit> roots) {
        return reached(roots).stream()
                .filter(unit -> unit.getOwner().isEquivalentTo(Bindings.class))
                .map(JavaCodeUnit::getName)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void every_function_of_the_bindings_is_reached_by_a_test_that_runs_on_every_binding() {
        List<JavaCodeUnit> roots = integrationTests().stream()
                .flatMap(test -> runOnEveryBinding(test).stream())
                .toList();
        // Those that nothing calls are given nulls by BindingsIT.
        Set<String> missing = CLASSES.get(Bindings.class).getMethods().stream()
                .filter(method -> !method.getAccessesToSelf().isEmpty())
                .map(JavaMethod::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertTrue(missing.size() > 30, missing.toString());
        missing.removeAll(bindingsReached(roots));
        assertEquals(Set.of(), missing, "annotate a test of these with @EveryBinding");
    }

    @Test
    void what_a_test_does_not_call_is_not_taken_for_reached() {
        Set<String> kernels = bindingsReached(CLASSES.get(KernelIT.class).getCodeUnits());
        assertTrue(kernels.contains("kernelBest"), kernels.toString());
        assertFalse(kernels.contains("contextDecode"), kernels.toString());
    }

    @Test
    void a_test_that_calls_a_binding_itself_runs_on_every_one() {
        Set<String> once = new TreeSet<>();
        for (JavaClass test : integrationTests()) {
            selfAndSuperclasses(test)
                    .flatMap(type -> type.getCodeUnits().stream())
                    .filter(unit -> !isOnEveryBinding(test) && !unit.isAnnotatedWith(EveryBinding.class))
                    .flatMap(unit -> unit.getCallsFromSelf().stream())
                    .filter(call -> call.getTargetOwner().isAssignableTo(Bindings.class))
                    .forEach(call -> once.add(call.getDescription()));
        }
        assertEquals(Set.of(), once);
    }

    @Test
    void only_tests_that_failsafe_runs_say_on_what_they_run() {
        Set<String> wrong = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            boolean runs = type.getSimpleName().endsWith("IT")
                    || type.getAllSubclasses().stream()
                            .anyMatch(each -> each.getSimpleName().endsWith("IT"));
            if (!runs) {
                Stream.concat(Stream.of(type), type.getMethods().stream())
                        .filter(SuitesTest::saysOnWhat)
                        .forEach(each -> wrong.add(each.getDescription()));
            }
        }
        assertEquals(Set.of(), wrong);
    }

    private static boolean saysOnWhat(HasAnnotations<?> annotated) {
        return annotated.isAnnotatedWith(EveryBinding.class) || annotated.isAnnotatedWith(EveryJava.class);
    }

    @Test
    void no_test_has_a_time_limit_that_a_busy_machine_could_exceed() {
        Set<String> limits = new TreeSet<>();
        for (JavaClass type : CLASSES) {
            Stream.concat(Stream.of(type), type.getMethods().stream())
                    .filter(each -> each.isAnnotatedWith(Timeout.class))
                    .filter(each -> !isPatient(each.getAnnotationOfType(Timeout.class)))
                    .forEach(each -> limits.add(each.getDescription()));
        }
        assertEquals(Set.of(), limits);
    }

    private static boolean isPatient(Timeout timeout) {
        return timeout.unit().toSeconds(timeout.value()) >= FEWEST_SECONDS;
    }
}
