package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.bindings.JavaProcess;
import dev.demur.suites.EveryJava;
import java.io.File;
import java.io.IOException;
import java.lang.module.ModuleDescriptor;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged jar on the module path, as a program uses it that is a module itself. */
@EveryJava
class ModuleIT {

    private static final String PROGRAM = """
            package program;

            import dev.demur.Demur;
            import java.nio.file.Path;

            class Main {
                public static void main(String[] arguments) {
                    try (Demur demur = Demur.load(Path.of(arguments[0]))) {
                        System.out.println(Demur.class.getModule() + " " + demur.decide("Hello").kind());
                    }
                }
            }
            """;

    private static final List<String> MODULES = List.of(
            "demur-\\d", "gson-", "commons-numbers-", "jspecify-", "error_prone_annotations-", "annotations-\\d");

    @TempDir
    private Path folder;

    private static List<Path> jars(List<String> names) {
        return Stream.of(JavaProcess.classPath().split(File.pathSeparator))
                .map(Path::of)
                .filter(path -> names.stream()
                        .anyMatch(name -> path.getFileName().toString().matches(name + ".*(?<!-app)\\.jar")))
                .toList();
    }

    private static String path(List<Path> jars) {
        return jars.stream().map(Path::toString).collect(Collectors.joining(File.pathSeparator));
    }

    @Test
    void the_jar_is_a_module_that_a_class_path_does_not_see() {
        ModuleDescriptor demur = ModuleFinder.of(jars(List.of("demur-\\d")).toArray(Path[]::new))
                .find("dev.demur")
                .orElseThrow()
                .descriptor();
        assertTrue(!demur.isAutomatic(), demur::toString);
        assertTrue(!Demur.class.getModule().isNamed(), "tests run on the class path");
    }

    private JavaProcess compile(String modules, Path classes, String program) throws IOException, InterruptedException {
        Path source = Files.createDirectories(folder.resolve("src").resolve("program"));
        Path info =
                Files.writeString(source.resolveSibling("module-info.java"), "module program { requires dev.demur; }");
        Path main = Files.writeString(source.resolve("Main.java"), program);
        String bin = Path.of(JavaProcess.java()).getParent().toString();
        return JavaProcess.run(
                folder,
                Map.of(),
                List.of(
                        Path.of(bin, "javac").toString(),
                        "--module-path",
                        modules,
                        "-d",
                        classes.toString(),
                        info.toString(),
                        main.toString()));
    }

    @Test
    void a_program_that_is_a_module_sees_nothing_internal() throws IOException, InterruptedException {
        JavaProcess compiled = compile(path(jars(MODULES)), folder.resolve("classes"), """
                package program;

                class Main {
                    dev.demur.llama.internal.LlamaContext context;
                    dev.demur.internal.Internals internals;
                }
                """);
        assertEquals(1, compiled.status());
        assertTrue(compiled.err().contains("package dev.demur.llama.internal is not visible"), compiled.err());
        assertTrue(compiled.err().contains("package dev.demur.internal is not visible"), compiled.err());
    }

    @Test
    void a_program_that_is_a_module_decides() throws IOException, InterruptedException {
        Path classes = folder.resolve("classes");
        String modules = path(jars(MODULES));
        JavaProcess compiled = compile(modules, classes, PROGRAM);
        assertEquals(0, compiled.status(), compiled.err());
        List<String> command = new ArrayList<>(List.of(JavaProcess.java()));
        if (Runtime.version().feature() >= 22) {
            command.add("--enable-native-access=dev.demur");
        }
        command.addAll(JavaProcess.settings("demur.native.dir"));
        command.addAll(List.of(
                "--module-path",
                modules + File.pathSeparator + path(jars(List.of("llama-\\d"))) + File.pathSeparator + classes,
                "--add-modules",
                "llama",
                "--module",
                "program/program.Main",
                DemurContract.MODEL.toAbsolutePath().toString()));
        JavaProcess run = JavaProcess.run(folder, Map.of(), command);
        assertEquals(0, run.status(), run.err());
        assertTrue(run.out().startsWith("module dev.demur re"), run.out());
        command.removeAll(List.of("--add-modules", "llama"));
        JavaProcess without = JavaProcess.run(folder, Map.of("DEMUR_LLAMA", ""), command);
        assertEquals(1, without.status());
        assertTrue(without.err().contains("found after --add-modules llama"), without.err());
    }
}
