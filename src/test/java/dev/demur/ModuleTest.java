package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.demur.bindings.Bindings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the module gives out: packages that are meant to be used, and in them nothing that is not. */
class ModuleTest {

    private static final Path DESCRIPTOR = Path.of("src", "main", "module", "module-info.java");
    private static final Pattern EXPORT = Pattern.compile("(?m)^    exports ([\\w.]+)(;| to)");

    /** What only Demur itself may use, of the packages in its jar. */
    private static final Set<String> INTERNAL = Set.of(
            "dev.demur.arguments",
            "dev.demur.bindings",
            "dev.demur.engine",
            "dev.demur.grammar.schema",
            "dev.demur.internal",
            "dev.demur.jinja",
            "dev.demur.json",
            "dev.demur.llama.internal",
            "dev.demur.readout.internal",
            "dev.demur.readout.words.internal",
            "dev.demur.scoring.pass",
            "dev.demur.statistics.numeric");

    private static final Pattern SAYS_SO = Pattern.compile("<p>Internal: (the module does )?not export");

    private static final Pattern SAYS_API = Pattern.compile("<p>Part of the API[.:]");

    private static final Pattern APPLICATION = Pattern.compile("^dev\\.demur\\.(cli|desktop)(\\.\\*)?$");

    private static final Set<String> EXPORTED = new TreeSet<>();
    private static JavaClasses classes;

    @BeforeAll
    static void read() throws IOException {
        Matcher exports = EXPORT.matcher(Files.readString(DESCRIPTOR));
        while (exports.find()) {
            if (exports.group(2).equals(";")) {
                EXPORTED.add(exports.group(1));
            }
        }
        String here = Bindings.class.getName().replace('.', '/') + ".class";
        classes = new ClassFileImporter()
                .withImportOption(location -> !location.contains("META-INF/versions/"))
                .withImportOption(location -> !location.contains("/dev/demur/cli/"))
                .withImportOption(location -> !location.contains("/dev/demur/desktop/"))
                .importUrl(folder(here));
    }

    private static java.net.URL folder(String file) throws IOException {
        String url = String.valueOf(Bindings.class.getClassLoader().getResource(file));
        return java.net
                .URI
                .create(url.substring(0, url.length() - file.length()))
                .toURL();
    }

    @Test
    void every_package_of_the_jar_is_exported_or_known_to_be_internal() {
        Set<String> packages = new TreeSet<>();
        classes.forEach(type -> packages.add(type.getPackageName()));
        Set<String> known = new TreeSet<>(EXPORTED);
        known.addAll(INTERNAL);
        assertEquals(known, packages);
    }

    @Test
    void what_is_internal_and_what_is_of_the_api_says_so() throws IOException {
        Set<String> silent = new TreeSet<>();
        for (String name : INTERNAL) {
            if (!SAYS_SO.matcher(packageInfo(name)).find()) {
                silent.add(name);
            }
        }
        for (String name : EXPORTED) {
            if (!SAYS_API.matcher(packageInfo(name)).find()) {
                silent.add(name);
            }
        }
        assertEquals(Set.of(), silent);
    }

    private static String packageInfo(String name) throws IOException {
        return Files.readString(Path.of("src", "main", "java", name.replace('.', '/'), "package-info.java"));
    }

    @Test
    void what_is_internal_is_neither_documented_nor_kept_compatible() throws IOException {
        String pom = Files.readString(Path.of("pom.xml"));
        Set<String> undocumented = new TreeSet<>();
        Matcher names = Pattern.compile("<excludePackageNames>([^<]*)<").matcher(pom);
        assertTrue(names.find());
        for (String name : names.group(1).split(":")) {
            if (!APPLICATION.matcher(name).find()) {
                undocumented.add(name);
            }
        }
        assertEquals(new TreeSet<>(INTERNAL), undocumented);
        Set<String> free = new TreeSet<>();
        Matcher excluded =
                Pattern.compile("<exclude>(dev\\.demur\\.[\\w.]+)</exclude>").matcher(pom);
        while (excluded.find()) {
            free.add(excluded.group(1));
        }
        assertEquals(new TreeSet<>(INTERNAL), free);
    }

    @Test
    void what_is_exported_shows_nothing_that_is_not_and_no_json_library() {
        assertFalse(
                classes.stream().filter(type -> isVisible(type, EXPORTED)).count() < 100,
                "hardly any public type was found");
        assertEquals(Set.of(), shown(EXPORTED));
    }

    @Test
    void a_package_that_shows_what_is_internal_would_be_found() {
        Set<String> more = new TreeSet<>(EXPORTED);
        more.add("dev.demur.readout.internal");
        String reader = "dev.demur.readout.internal.Readout.reader(dev.demur.llama.internal.LlamaContext)";
        assertTrue(
                shown(more).contains(reader + " shows dev.demur.llama.internal.LlamaContext"),
                () -> String.valueOf(shown(more)));
    }

    @Test
    void what_a_user_has_to_close_is_known() {
        Set<String> closed = new TreeSet<>();
        for (JavaClass type : classes) {
            if (isVisible(type, EXPORTED) && type.isAssignableTo(AutoCloseable.class)) {
                closed.add(type.getName());
            }
        }
        assertEquals(
                Set.of(
                        "dev.demur.Conversation",
                        "dev.demur.Demur",
                        "dev.demur.FrameAsker",
                        "dev.demur.GenerationStream",
                        "dev.demur.dataset.BoundedLines",
                        "dev.demur.dataset.JsonlPrompts",
                        "dev.demur.dataset.PromptSource",
                        "dev.demur.llama.Cancellation$Scope",
                        "dev.demur.scoring.ScoreWriter"),
                closed);
    }

    /** What the public members of some packages show that is not in them, or not public. */
    private static Set<String> shown(Set<String> exported) {
        Set<String> shown = new TreeSet<>();
        for (JavaClass type : classes) {
            if (!isVisible(type, exported)) {
                continue;
            }
            type.getSuperclass().ifPresent(above -> look(type.getName(), above, exported, shown));
            type.getInterfaces().forEach(above -> look(type.getName(), above, exported, shown));
            type.getTypeParameters().forEach(one -> look(type.getName(), one, exported, shown));
            for (JavaCodeUnit member : type.getCodeUnits()) {
                if (isOpen(member.getModifiers())) {
                    look(member.getFullName(), member.getReturnType(), exported, shown);
                    member.getParameterTypes().forEach(one -> look(member.getFullName(), one, exported, shown));
                    member.getTypeParameters().forEach(one -> look(member.getFullName(), one, exported, shown));
                    member.getExceptionTypes().forEach(one -> look(member.getFullName(), one, exported, shown));
                }
            }
            for (JavaField field : type.getFields()) {
                if (isOpen(field.getModifiers())) {
                    look(field.getFullName(), field.getType(), exported, shown);
                }
            }
        }
        return shown;
    }

    private static void look(String where, JavaType type, Set<String> exported, Set<String> shown) {
        for (JavaClass raw : type.getAllInvolvedRawTypes()) {
            JavaClass base = raw.getBaseComponentType();
            boolean hidden = base.getPackageName().startsWith("dev.demur") && !isVisible(base, exported);
            if (hidden || base.getPackageName().startsWith("com.google.gson")) {
                shown.add(where + " shows " + base.getName());
            }
        }
    }

    private static boolean isVisible(JavaClass type, Set<String> exported) {
        return exported.contains(type.getPackageName())
                && isOpen(type.getModifiers())
                && type.getEnclosingClass()
                        .map(outer -> isVisible(outer, exported))
                        .orElse(true);
    }

    private static boolean isOpen(Set<JavaModifier> modifiers) {
        return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
                && !modifiers.contains(JavaModifier.SYNTHETIC);
    }
}
