package dev.demur;

import dev.demur.bindings.Bindings;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a program may call: the public constructors and methods of the public types in the packages that the module exports. */
final class PublicCalls {

    private static final Pattern EXPORT = Pattern.compile("(?m)^    exports ([\\w.]+);");

    private PublicCalls() {}

    /** The public types, with those inside them, by name. */
    static List<Class<?>> types() {
        try {
            Path classes = Path.of(Bindings.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            List<Class<?>> types = new ArrayList<>();
            Matcher exports = EXPORT.matcher(Files.readString(Path.of("src", "main", "module", "module-info.java")));
            while (exports.find()) {
                addTypes(classes, exports.group(1), types);
            }
            types.sort(Comparator.comparing(Class::getName));
            return types;
        } catch (IOException | URISyntaxException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void addTypes(Path classes, String name, List<Class<?>> types)
            throws IOException, ClassNotFoundException {
        try (Stream<Path> files = Files.list(classes.resolve(name.replace('.', '/')))) {
            for (Path file : files.toList()) {
                String simple = file.getFileName().toString();
                if (simple.endsWith(".class") && !simple.equals("package-info.class")) {
                    Class<?> type = Class.forName(
                            name + "." + simple.substring(0, simple.length() - ".class".length()),
                            false,
                            PublicCalls.class.getClassLoader());
                    if (isVisible(type)) {
                        types.add(type);
                    }
                }
            }
        }
    }

    private static boolean isVisible(@Nullable Class<?> type) {
        return type == null
                || Modifier.isPublic(type.getModifiers())
                        && !type.isAnonymousClass()
                        && isVisible(type.getEnclosingClass());
    }

    /** What of a type a program calls with arguments; what its users write themselves, and what Java adds, is left out. */
    static List<Executable> of(Class<?> type) {
        List<Executable> calls = new ArrayList<>();
        if (!Modifier.isAbstract(type.getModifiers()) && !Throwable.class.isAssignableFrom(type)) {
            calls.addAll(List.of(type.getConstructors()));
        }
        Arrays.stream(type.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.isSynthetic())
                .filter(method -> !Modifier.isAbstract(method.getModifiers()) && !method.isDefault())
                .filter(method -> !method.getName().equals("equals") && !isSetter(method))
                .filter(method -> !(type.isEnum() && method.getName().equals("valueOf")))
                .forEach(calls::add);
        calls.sort(Comparator.comparing(Executable::toString));
        return calls;
    }

    /** What it is given, the builder looks at when it builds. */
    private static boolean isSetter(Method method) {
        return method.getDeclaringClass().getSimpleName().equals("Builder")
                && method.getReturnType() == method.getDeclaringClass()
                && method.getParameterCount() == 1;
    }

    static boolean takesNull(Parameter parameter) {
        return parameter.getType().isPrimitive() || parameter.getAnnotatedType().isAnnotationPresent(Nullable.class);
    }

    /** {@code Labels.indexOf(String)}. */
    static String name(Executable called) {
        String own = called.getDeclaringClass().getName();
        String type = own.substring(own.lastIndexOf('.') + 1).replace('$', '.');
        String parameters = String.join(
                ", ",
                Arrays.stream(called.getParameterTypes())
                        .map(Class::getSimpleName)
                        .toList());
        return (called instanceof Constructor ? "new " + type : type + "." + called.getName()) + "(" + parameters + ")";
    }
}
