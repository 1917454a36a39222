package dev.demur;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

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
            "dev.demur.bindings",
            "dev.demur.engine",
            "dev.demur.grammar.schema",
            "dev.demur.jinja",
            "dev.demur.json",
            "dev.demur.scoring.pass",
            "dev.demur.statistics.numeric");

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
    void what_is_exported_shows_nothing_that_is_not_and_no_json_library() {
        Set<String> shown = new TreeSet<>();
        int seen = 0;
        for (JavaClass type : classes) {
            if (!isVisible(type)) {
                continue;
            }
            seen++;
            type.getSuperclass().ifPresent(above -> look(type.getName(), above, shown));
            type.getInterfaces().forEach(above -> look(type.getName(), above, shown));
            for (JavaCodeUnit member : type.getCodeUnits()) {
                if (isOpen(member.getModifiers())) {
                    look(member.getFullName(), member.getReturnType(), shown);
                    member.getParameterTypes().forEach(one -> look(member.getFullName(), one, shown));
                }
            }
            for (JavaField field : type.getFields()) {
                if (isOpen(field.getModifiers())) {
                    look(field.getFullName(), field.getType(), shown);
                }
            }
        }
        assertFalse(seen < 100, "only " + seen + " public types were found");
        assertEquals(Set.of(), shown);
    }

    private static void look(String where, JavaType type, Set<String> shown) {
        for (JavaClass raw : type.getAllInvolvedRawTypes()) {
            JavaClass base = raw.getBaseComponentType();
            boolean hidden = base.getPackageName().startsWith("dev.demur") && !isVisible(base);
            if (hidden || base.getPackageName().startsWith("com.google.gson")) {
                shown.add(where + " shows " + base.getName());
            }
        }
    }

    private static boolean isVisible(JavaClass type) {
        return EXPORTED.contains(type.getPackageName())
                && isOpen(type.getModifiers())
                && type.getEnclosingClass().map(ModuleTest::isVisible).orElse(true);
    }

    private static boolean isOpen(Set<JavaModifier> modifiers) {
        return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
                && !modifiers.contains(JavaModifier.SYNTHETIC);
    }
}
