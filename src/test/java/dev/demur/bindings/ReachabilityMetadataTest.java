package dev.demur.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.demur.json.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

/**
 * What the jar tells GraalVM's native-image, which sees neither what C reaches nor which files are opened by name: its form
 * is that of GraalVM's schema (version 1.2.0 of the file's format), and it names what the code has, no less and no more.
 */
class ReachabilityMetadataTest {

    private static final String FILE = "META-INF/native-image/dev.demur/demur/reachability-metadata.json";

    /** By the letters that descriptors have for them: the names that GraalVM gives to Java's own types in calls of C. */
    private static final Map<Character, String> LAYOUTS =
            Map.of('J', "jlong", 'I', "jint", 'D', "jdouble", 'V', "void");

    private static final int DEEPEST = 10;

    private static final Set<String> FLAGS = Set.of(
            "allDeclaredMethods",
            "allDeclaredFields",
            "allDeclaredConstructors",
            "allPublicMethods",
            "allPublicFields",
            "allPublicConstructors",
            "unsafeAllocated",
            "serializable",
            "jniAccessible");

    private final JsonObject metadata = read();

    private static JsonObject read() {
        try (InputStream in = ReachabilityMetadataTest.class.getClassLoader().getResourceAsStream(FILE)) {
            assertNotNull(in, FILE);
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            StrictJson.parse(text, DEEPEST); // Gson takes more than JSON, such as comments
            return JsonParser.parseString(text).getAsJsonObject();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Stream<JsonObject> objects(JsonObject parent, String field) {
        JsonArray array = parent.getAsJsonArray(field);
        assertNotNull(array, field);
        return StreamSupport.stream(array.spliterator(), false).map(JsonElement::getAsJsonObject);
    }

    private static void assertFields(JsonObject object, Set<String> required, Set<String> optional) {
        Set<String> unknown = new TreeSet<>(object.keySet());
        unknown.removeAll(required);
        unknown.removeAll(optional);
        assertEquals(Set.of(), unknown, "unknown to native-image in " + object);
        assertTrue(object.keySet().containsAll(required), () -> required + " must be in " + object);
    }

    private static String text(JsonElement element) {
        assertTrue(element.isJsonPrimitive() && element.getAsJsonPrimitive().isString(), () -> element + " is no text");
        return element.getAsString();
    }

    @Test
    void it_has_the_form_that_native_image_reads() {
        assertFields(metadata, Set.of("reflection", "resources", "foreign"), Set.of("comment"));
        text(metadata.get("comment"));
        objects(metadata, "reflection").forEach(type -> {
            Set<String> optional = new TreeSet<>(FLAGS);
            optional.addAll(List.of("methods", "fields", "reason", "condition"));
            assertFields(type, Set.of("type"), optional);
            text(type.get("type"));
            FLAGS.stream()
                    .filter(type::has)
                    .forEach(flag -> assertTrue(type.getAsJsonPrimitive(flag).isBoolean(), flag));
        });
        objects(metadata, "resources").forEach(resource -> {
            assertFields(resource, Set.of("glob"), Set.of("module", "reason", "condition"));
            text(resource.get("glob"));
        });
        JsonObject foreign = metadata.getAsJsonObject("foreign");
        assertFields(foreign, Set.of("downcalls"), Set.of("upcalls", "directUpcalls"));
        objects(foreign, "downcalls").forEach(call -> {
            assertFields(call, Set.of("returnType", "parameterTypes"), Set.of("options", "reason", "condition"));
            assertTrue(LAYOUTS.containsValue(text(call.get("returnType"))), call::toString);
            call.getAsJsonArray("parameterTypes")
                    .forEach(type -> assertTrue(
                            LAYOUTS.containsValue(text(type)) && !text(type).equals("void"), call::toString));
        });
    }

    /** A descriptor such as {@code (JI)V}, as the file has it. */
    private static String call(String descriptor) {
        int end = descriptor.indexOf(')');
        String parameters = descriptor
                .substring(1, end)
                .chars()
                .mapToObj(letter -> '"' + LAYOUTS.get((char) letter) + '"')
                .collect(Collectors.joining(","));
        return "{\"returnType\":\"" + LAYOUTS.get(descriptor.charAt(end + 1)) + "\",\"parameterTypes\":[" + parameters
                + "]}";
    }

    private static Stream<Method> functions() {
        return Stream.of(Bindings.class.getMethods())
                .filter(method -> !Set.of("name", "memoryView").contains(method.getName()));
    }

    private static String descriptor(Method method) {
        return MethodType.methodType(method.getReturnType(), method.getParameterTypes())
                .toMethodDescriptorString();
    }

    @Test
    void every_function_that_ffm_calls_is_listed_by_its_types_and_nothing_else() {
        List<String> listed = objects(metadata.getAsJsonObject("foreign"), "downcalls")
                .map(JsonObject::toString)
                .toList();
        Set<String> expected =
                functions().map(method -> call(descriptor(method))).collect(Collectors.toCollection(TreeSet::new));
        assertFalse(expected.isEmpty());
        assertEquals(expected, new TreeSet<>(listed), "the downcalls of " + FILE);
        assertEquals(expected.size(), listed.size(), "one of them stands there twice");
    }

    @Test
    void the_ffm_binding_calls_what_its_interface_has() throws IOException {
        Path folder = Path.of("src/main/java22/dev/demur/bindings");
        String source = Files.readString(folder.resolve("FfmBindings.java"))
                + Files.readString(folder.resolve("FfmContexts.java"));
        Matcher calls = Pattern.compile("function\\(\\s*\"\\w+\",\\s*\"(\\(\\w*\\)\\w)\"\\)")
                .matcher(source);
        List<String> called =
                calls.results().map(call -> call.group(1)).sorted().toList();
        assertEquals(
                functions().map(ReachabilityMetadataTest::descriptor).sorted().toList(), called);
    }

    @Test
    void c_calls_no_java() throws IOException {
        // No upcalls are listed, so the binding must make none; and the functions of JNI that look up classes, methods
        // and
        // fields would each need an entry.
        assertFalse(metadata.getAsJsonObject("foreign").has("upcalls"));
        try (Stream<Path> sources = Files.walk(Path.of("src/main/java22"))) {
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                assertFalse(Files.readString(source).contains("upcallStub"), source::toString);
            }
        }
        try (Stream<Path> sources = Files.walk(Path.of("native/src"))) {
            Pattern lookup = Pattern.compile("FindClass|Get(Static)?(Method|Field)ID|Call\\w*Method|ThrowNew");
            for (Path source : sources.filter(Files::isRegularFile).toList()) {
                assertFalse(lookup.matcher(Files.readString(source)).find(), source::toString);
            }
        }
    }

    @Test
    void every_class_that_is_named_is_there_and_every_class_with_native_methods_is_named() throws Exception {
        Set<String> named = objects(metadata, "reflection")
                .map(type -> type.get("type").getAsString())
                .collect(Collectors.toSet());
        for (String name : named) {
            Class<?> type = Class.forName(name);
            // Its native methods are bound by name, one by one, for a second class loader.
            assertTrue(
                    Stream.of(type.getDeclaredMethods()).anyMatch(method -> Modifier.isNative(method.getModifiers())),
                    name);
        }
        for (JsonObject type : objects(metadata, "reflection").toList()) {
            for (JsonElement method : type.has("methods") ? type.getAsJsonArray("methods") : new JsonArray()) {
                String name = method.getAsJsonObject().get("name").getAsString();
                assertTrue(
                        Stream.of(Class.forName(type.get("type").getAsString()).getDeclaredMethods())
                                .anyMatch(declared -> declared.getName().equals(name)),
                        name);
            }
        }
        Set<String> withNatives = new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("dev.demur").stream()
                        .filter(type -> type.getMethods().stream()
                                .anyMatch(method -> method.getModifiers().contains(JavaModifier.NATIVE)))
                        .map(JavaClass::getName)
                        .collect(Collectors.toSet());
        assertEquals(withNatives, named);
    }

    private List<Pattern> globs() {
        return objects(metadata, "resources")
                .map(resource -> Pattern.compile(Stream.of(
                                resource.get("glob").getAsString().split("(?<=\\*\\*)|(?=\\*\\*)"))
                        .map(part -> part.equals("**")
                                ? ".*"
                                : Stream.of(part.split("\\*", -1))
                                        .map(Pattern::quote)
                                        .collect(Collectors.joining("[^/]*")))
                        .collect(Collectors.joining())))
                .toList();
    }

    private boolean isListed(String resource) {
        return globs().stream().anyMatch(glob -> glob.matcher(resource).matches());
    }

    @Test
    void every_file_that_the_library_opens_by_name_is_listed() throws IOException {
        for (String system : List.of("Linux", "Mac OS X", "Windows 11")) {
            for (String architecture : List.of("amd64", "aarch64")) {
                Platform platform = Platform.of(system, architecture);
                assertTrue(isListed(platform.libdemurResource()), platform.libdemurResource());
                assertTrue(isListed(platform.javaLlamaResource()), platform.javaLlamaResource());
                assertTrue(isListed(platform.llamaIndexResource()), platform.llamaIndexResource());
            }
        }
        assertTrue(isListed("dev/demur/fit/starter.jsonl"));
        Path resources = Path.of("src/main/resources");
        try (Stream<Path> files = Files.walk(resources)) {
            // Those of the command line are in another jar.
            Set<String> missing = files.filter(Files::isRegularFile)
                    .map(file -> resources.relativize(file).toString().replace('\\', '/'))
                    .filter(file -> !file.startsWith("META-INF/")
                            && !file.startsWith("dev/demur/cli/")
                            && !file.startsWith("dev/demur/desktop/"))
                    .filter(file -> !isListed(file))
                    .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(Set.of(), missing);
        }
        assertFalse(isListed("dev/demur/Demur.class"));
    }

    @Test
    void every_file_that_is_listed_is_there() {
        // Of each pattern one on this class path; libdemur and java-llama.cpp's library are those of this platform.
        // What a jar with a current llama.cpp holds is on it where there is one.
        List<String> examples = List.of(
                Platform.current().libdemurResource(),
                Platform.current().javaLlamaResource(),
                "dev/demur/readout/words/ask.json",
                "dev/demur/fit/starter.jsonl");
        ClassLoader loader = getClass().getClassLoader();
        assertTrue(examples.stream().allMatch(example -> loader.getResource(example) != null));
        List<String> all = Stream.concat(
                        examples.stream(), Stream.of(Platform.current().llamaIndexResource()))
                .toList();
        for (Pattern glob : globs()) {
            assertTrue(all.stream().anyMatch(example -> glob.matcher(example).matches()), glob::pattern);
        }
    }
}
