package dev.demur;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.belongToAnyOf;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.library.GeneralCodingRules;
import dev.demur.bindings.Bindings;
import dev.demur.bindings.Settings;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The way dependencies point, and what each layer keeps its hands off. */
@NullMarked
class ArchitectureTest {

    private static final int LONGEST_SOURCE = 500;
    private static final int LONGEST_TEST = 800;
    private static final String VERSIONS = "META-INF/versions/";

    /** The layers of which nothing exists yet; a rule about any other layer must find classes. */
    private static final Set<String> TO_COME = Set.of();

    private static final Path OUTPUT = output();

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(location -> !location.contains(VERSIONS))
            .importPath(OUTPUT);

    private static final JavaClasses CLASSES_FOR_JAVA_22 =
            new ClassFileImporter().importPath(OUTPUT.resolve(VERSIONS + "22"));

    private static Path output() {
        try {
            return Path.of(Bindings.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Every layer may need the one that checks arguments. */
    private static ArchRule onlyNeeds(String layer, String... others) {
        List<String> allowed = new ArrayList<>(List.of(others));
        allowed.add("dev.demur.arguments");
        allowed.add(layer);
        return classes()
                .that()
                .resideInAPackage(layer)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed.toArray(String[]::new))
                        .or(belongToAnyOf(
                                DemurException.class,
                                NativeLoadException.class,
                                QueueFullException.class,
                                PromptTooLongException.class))
                        .or(not(resideInAPackage("dev.demur.."))))
                .allowEmptyShould(TO_COME.contains(layer));
    }

    @ParameterizedTest(name = "{0} needs {1}")
    @CsvSource(
            nullValues = "-",
            emptyValue = "",
            delimiter = '|',
            value = {
                "dev.demur.arguments   | ''",
                "dev.demur.policy      | dev.demur.json",
                "dev.demur.gguf        | ''",
                "dev.demur.json        | ''",
                "dev.demur.grammar.schema | dev.demur.json",
                "dev.demur.grammar     | dev.demur.json dev.demur.grammar.schema",
                "dev.demur.jinja       | ''",
                "dev.demur.bindings    | ''",
                "dev.demur.llama       | dev.demur.policy dev.demur.gguf",
                "dev.demur.llama.internal | dev.demur.gguf dev.demur.json dev.demur.grammar dev.demur.jinja dev.demur.bindings"
                        + " dev.demur.llama",
                "dev.demur.readout     | dev.demur.policy dev.demur.gguf dev.demur.llama",
                "dev.demur.readout.internal | dev.demur.policy dev.demur.gguf dev.demur.llama dev.demur.llama.internal"
                        + " dev.demur.readout dev.demur.readout.words dev.demur.readout.words.internal",
                "dev.demur.readout.words | dev.demur.policy dev.demur.json dev.demur.readout.words.internal",
                "dev.demur.readout.words.internal | dev.demur.policy dev.demur.json dev.demur.llama dev.demur.llama.internal"
                        + " dev.demur.readout dev.demur.readout.internal dev.demur.readout.words",
                "dev.demur.inspect     | dev.demur.policy dev.demur.gguf dev.demur.llama dev.demur.llama.internal dev.demur.readout"
                        + " dev.demur.readout.internal",
                "dev.demur.engine      | dev.demur.policy dev.demur.llama dev.demur.llama.internal dev.demur.readout.internal",
                "dev.demur.internal    | dev.demur dev.demur.llama dev.demur.llama.internal dev.demur.readout.internal",
                "dev.demur             | dev.demur.policy dev.demur.gguf dev.demur.grammar dev.demur.llama dev.demur.llama.internal"
                        + " dev.demur.readout dev.demur.readout.internal dev.demur.readout.words"
                        + " dev.demur.readout.words.internal dev.demur.engine dev.demur.internal",
                "dev.demur.statistics.numeric | ''",
                "dev.demur.statistics  | dev.demur.statistics.numeric",
                "dev.demur.dataset     | dev.demur.policy dev.demur.json dev.demur.readout",
                "dev.demur.scoring.pass | dev.demur.gguf dev.demur.llama dev.demur dev.demur.dataset dev.demur.internal"
                        + " dev.demur.llama.internal",
                "dev.demur.scoring     | dev.demur.policy dev.demur.gguf dev.demur.json dev.demur.llama dev.demur.readout"
                        + " dev.demur.readout.words dev.demur dev.demur.dataset dev.demur.scoring.pass"
                        + " dev.demur.internal dev.demur.llama.internal dev.demur.readout.internal",
                "dev.demur.calibration | dev.demur.policy dev.demur.json dev.demur.readout dev.demur dev.demur.dataset"
                        + " dev.demur.scoring dev.demur.statistics dev.demur.statistics.numeric",
                "dev.demur.evaluation  | dev.demur.policy dev.demur.gguf dev.demur.json dev.demur.llama dev.demur.readout dev.demur"
                        + " dev.demur.dataset dev.demur.scoring dev.demur.statistics dev.demur.statistics.numeric"
                        + " dev.demur.calibration",
                "dev.demur.fit         | dev.demur.policy dev.demur.gguf dev.demur.llama dev.demur.readout dev.demur"
                        + " dev.demur.dataset dev.demur.scoring dev.demur.scoring.pass dev.demur.calibration"
                        + " dev.demur.evaluation dev.demur.statistics"
                        + " dev.demur.internal dev.demur.llama.internal dev.demur.readout.internal",
                "dev.demur.monitor     | dev.demur.policy dev.demur.json dev.demur dev.demur.scoring dev.demur.calibration",
                "dev.demur.cli.terminal | dev.demur.policy dev.demur.llama dev.demur dev.demur.scoring",
                "dev.demur.cli.files | dev.demur.policy dev.demur dev.demur.dataset dev.demur.scoring dev.demur.cli.terminal",
                "dev.demur.cli.options | dev.demur.policy dev.demur.gguf dev.demur.grammar dev.demur.bindings dev.demur.llama"
                        + " dev.demur.readout dev.demur.readout.words dev.demur dev.demur.scoring dev.demur.calibration"
                        + " dev.demur.monitor dev.demur.cli.terminal dev.demur.cli.files"
                        + " dev.demur.llama.internal dev.demur.readout.internal",
                "dev.demur.cli.ask | dev.demur.policy dev.demur.gguf dev.demur.json dev.demur.llama dev.demur.readout dev.demur"
                        + " dev.demur.calibration dev.demur.cli.terminal dev.demur.cli.files dev.demur.cli.options"
                        + " dev.demur.internal dev.demur.llama.internal",
                "dev.demur.cli.calibrate | dev.demur.policy dev.demur.gguf dev.demur.llama dev.demur.readout dev.demur"
                        + " dev.demur.dataset dev.demur.scoring dev.demur.statistics dev.demur.calibration dev.demur.evaluation"
                        + " dev.demur.fit dev.demur.monitor dev.demur.cli.terminal dev.demur.cli.files dev.demur.cli.options"
                        + " dev.demur.cli.report"
                        + " dev.demur.readout.internal dev.demur.readout.words.internal",
                "dev.demur.cli.doctor | dev.demur.policy dev.demur.gguf dev.demur.bindings dev.demur.llama dev.demur.readout"
                        + " dev.demur.inspect dev.demur dev.demur.calibration dev.demur.cli.terminal"
                        + " dev.demur.cli.options dev.demur.cli.ask dev.demur.cli.calibrate"
                        + " dev.demur.internal dev.demur.llama.internal dev.demur.readout.internal dev.demur.readout.words.internal",
                "dev.demur.cli | dev.demur.policy dev.demur.bindings dev.demur.llama dev.demur dev.demur.dataset"
                        + " dev.demur.calibration dev.demur.monitor dev.demur.cli.terminal dev.demur.cli.files dev.demur.cli.options dev.demur.cli.ask"
                        + " dev.demur.cli.calibrate dev.demur.cli.doctor dev.demur.cli.serve dev.demur.desktop"
                        + " dev.demur.desktop.model",
                "dev.demur.cli.serve   | dev.demur.policy dev.demur.gguf dev.demur.json dev.demur.grammar dev.demur.bindings dev.demur.llama dev.demur.readout"
                        + " dev.demur.readout.words dev.demur dev.demur.monitor",
                "dev.demur.cli.report  | dev.demur.policy dev.demur.scoring dev.demur.statistics dev.demur.calibration"
                        + " dev.demur.evaluation",
                "dev.demur.desktop     | dev.demur.policy dev.demur dev.demur.scoring dev.demur.statistics dev.demur.calibration"
                        + " dev.demur.evaluation dev.demur.fit dev.demur.desktop.model dev.demur.desktop.text",
                "dev.demur.desktop.model | dev.demur.policy dev.demur.gguf dev.demur.llama dev.demur dev.demur.dataset"
                        + " dev.demur.scoring dev.demur.statistics dev.demur.calibration dev.demur.evaluation dev.demur.fit"
                        + " dev.demur.readout dev.demur.internal dev.demur.llama.internal dev.demur.readout.internal",
                "dev.demur.desktop.text | ''"
            })
    void a_layer_depends_on_nothing_but_the_layers_below_it(String layer, String below) {
        onlyNeeds(layer, below.split(" ")).check(CLASSES);
    }

    @Test
    void every_package_is_a_layer_that_the_rules_know() {
        Set<String> packages = new TreeSet<>();
        CLASSES.forEach(type -> packages.add(type.getPackageName()));
        Set<String> unknown = new TreeSet<>(packages);
        unknown.removeAll(TO_COME);
        assertEquals(
                Set.of(
                        "dev.demur",
                        "dev.demur.arguments",
                        "dev.demur.policy",
                        "dev.demur.gguf",
                        "dev.demur.grammar",
                        "dev.demur.grammar.schema",
                        "dev.demur.json",
                        "dev.demur.jinja",
                        "dev.demur.internal",
                        "dev.demur.llama",
                        "dev.demur.llama.internal",
                        "dev.demur.readout",
                        "dev.demur.readout.internal",
                        "dev.demur.readout.words",
                        "dev.demur.readout.words.internal",
                        "dev.demur.engine",
                        "dev.demur.inspect",
                        "dev.demur.bindings",
                        "dev.demur.statistics",
                        "dev.demur.statistics.numeric",
                        "dev.demur.dataset",
                        "dev.demur.scoring",
                        "dev.demur.scoring.pass",
                        "dev.demur.calibration",
                        "dev.demur.evaluation",
                        "dev.demur.fit",
                        "dev.demur.monitor",
                        "dev.demur.cli",
                        "dev.demur.cli.terminal",
                        "dev.demur.cli.files",
                        "dev.demur.cli.options",
                        "dev.demur.cli.ask",
                        "dev.demur.cli.calibrate",
                        "dev.demur.cli.doctor",
                        "dev.demur.cli.report",
                        "dev.demur.cli.serve",
                        "dev.demur.desktop",
                        "dev.demur.desktop.model",
                        "dev.demur.desktop.text"),
                unknown);
    }

    /** So that one catch is enough, and the command line can tell a person's mistake from the program's. */
    @Test
    void every_exception_of_the_library_is_a_demur_exception() {
        classes()
                .that()
                .areAssignableTo(Throwable.class)
                .and()
                .resideOutsideOfPackage("dev.demur.cli..")
                .and()
                .arePublic()
                .should()
                .beAssignableTo(DemurException.class)
                .check(CLASSES);
    }

    /** What a person did wrong is a UsageException or a DemurException, which are told in a line; else a stack trace follows. */
    @Test
    void the_command_line_calls_no_mistake_of_a_person_an_illegal_argument() {
        noClasses()
                .that()
                .resideInAPackage("dev.demur.cli..")
                .should()
                .callConstructor(IllegalArgumentException.class, String.class)
                .orShould()
                .callConstructor(IllegalArgumentException.class, String.class, Throwable.class)
                .check(CLASSES);
    }

    @Test
    void packages_form_no_cycle() {
        slices().matching("dev.demur.(*)..").should().beFreeOfCycles().check(CLASSES);
    }

    /**
     * But for readouts, where what finds one knows all kinds and each kind is one, and frames, which are read and told of in a package
     * that says nothing of how.
     */
    @Test
    void packages_within_packages_form_no_cycle_either() {
        slices().matching("dev.demur.(**)")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(
                        resideInAPackage("dev.demur.readout.internal"),
                        resideInAPackage("dev.demur.readout.words.internal"))
                .ignoreDependency(
                        resideInAPackage("dev.demur.readout.words"),
                        resideInAPackage("dev.demur.readout.words.internal"))
                .check(CLASSES);
    }

    @Test
    void what_is_compiled_for_java_22_is_binding_and_needs_nothing_else_of_demur() {
        classes().should().resideInAPackage("dev.demur.bindings").check(CLASSES_FOR_JAVA_22);
        onlyNeeds("dev.demur.bindings").check(CLASSES_FOR_JAVA_22);
    }

    @Test
    void only_the_command_line_prints_ends_the_process_and_knows_its_libraries() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.demur.cli..")
                .should(GeneralCodingRules.ACCESS_STANDARD_STREAMS)
                .orShould()
                .callMethod(System.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "exit", int.class)
                .orShould()
                .callMethod(Runtime.class, "halt", int.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAnyPackage("picocli..", "org.jline..")
                .check(CLASSES);
    }

    @Test
    void of_the_command_line_only_doctor_looks_at_the_bindings() {
        noClasses()
                .that()
                .resideInAPackage("dev.demur.cli..")
                .and()
                .haveSimpleNameNotStartingWith("Diagnosis")
                .should()
                .dependOnClassesThat(resideInAPackage("dev.demur.bindings").and(not(belongToAnyOf(Settings.class))))
                .check(CLASSES);
    }

    @Test
    void what_the_desktop_knows_needs_no_window() {
        noClasses()
                .that()
                .resideInAPackage("dev.demur.desktop.model")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.awt..", "javax.swing..", "com.formdev..", "org.fife..", "org.commonmark..")
                .check(CLASSES);
    }

    @Test
    void only_the_desktop_knows_its_libraries() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.demur.desktop..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("com.formdev..", "org.fife..", "org.commonmark..")
                .check(CLASSES);
    }

    @Test
    void only_the_bindings_load_native_code() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.demur.bindings")
                .should()
                .callMethod(System.class, "load", String.class)
                .orShould()
                .callMethod(System.class, "loadLibrary", String.class)
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("de.kherud..")
                .check(CLASSES);
    }

    @Test
    void nothing_is_fetched_at_run_time() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("java.net.http..", "javax.net..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.net\\.(Http.*|(?!Inet).*Socket.*)|java\\.nio\\.channels\\..*Socket.*"
                        // An interruptible channel is how the JDK tells of interrupts; selectors and providers are for
                        // sockets.
                        + "|java\\.nio\\.channels\\.spi\\.(?!AbstractInterruptibleChannel).*"
                        // What connects, as against what listens.
                        + "|io\\.netty\\.bootstrap\\.Bootstrap")
                .check(CLASSES);
    }

    @Test
    void only_the_server_knows_of_networks_and_of_what_it_is_built_on() {
        noClasses()
                .that()
                .resideOutsideOfPackage("dev.demur.cli.serve")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.netty..")
                .orShould()
                .dependOnClassesThat()
                .haveNameMatching("java\\.net\\.Inet.*")
                .check(CLASSES);
    }

    @Test
    void names_say_what_a_class_is() {
        noClasses()
                .should()
                .haveSimpleNameEndingWith("Util")
                .orShould()
                .haveSimpleNameEndingWith("Utils")
                .orShould()
                .haveSimpleNameEndingWith("Helper")
                .orShould()
                .haveSimpleNameEndingWith("Manager")
                .check(CLASSES);
    }

    @Test
    void no_source_file_is_too_long_to_read() throws IOException {
        List<String> tooLong = new ArrayList<>();
        int seen = 0;
        try (Stream<Path> files = Files.walk(Path.of("src"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".java")).toList()) {
                seen++;
                int lines = Files.readAllLines(file).size();
                if (lines >= (file.startsWith("src/test") ? LONGEST_TEST : LONGEST_SOURCE)) {
                    tooLong.add(file + " has " + lines + " lines");
                }
            }
        }
        assertTrue(seen > 0, "no sources under " + Path.of("src").toAbsolutePath());
        assertEquals(List.of(), tooLong);
    }
}
