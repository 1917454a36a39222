package dev.demur.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.suites.EveryBinding;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The contract of {@link Bindings}, for the implementation that the build asked for. */
@EveryBinding
class BindingsIT {

    private static final int ERROR_ARGUMENT = 1;
    private static final int ERROR_BYTES = 1024;

    private final Bindings bindings = Native.bindings();

    @Test
    void the_binding_and_the_java_are_those_that_the_build_asked_for() {
        assertEquals(expected("demur.expected.binding"), bindings.name());
        assertEquals(expected("demur.expected.java"), System.getProperty("java.specification.version"));
    }

    private static String expected(String property) {
        return Objects.requireNonNull(System.getProperty(property), "the build sets " + property);
    }

    @Test
    void the_classes_come_from_the_packaged_jar() {
        String from = Bindings.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath();
        assertTrue(from.endsWith(".jar"), from);
    }

    @Test
    void memory_is_zeroed_and_what_is_written_through_a_view_is_there() {
        long address = bindings.memoryAllocate(4096);
        assertNotEquals(0, address);
        assertEquals(0, address % 64, "aligned to 64 bytes");
        ByteBuffer view = bindings.memoryView(address, 4096);
        for (int i = 0; i < 4096; i++) {
            assertEquals(0, view.get(i));
        }
        view.putInt(0, 0x01020304).putDouble(8, Math.PI).putLong(4088, Long.MIN_VALUE);
        ByteBuffer again = bindings.memoryView(address, 4096);
        assertEquals(0x01020304, again.getInt(0));
        assertEquals(Math.PI, again.getDouble(8));
        assertEquals(Long.MIN_VALUE, again.getLong(4088));
        bindings.memoryFree(address);
    }

    @Test
    void no_memory_is_the_null_address() {
        assertEquals(0, bindings.memoryAllocate(0));
        assertEquals(0, bindings.memoryAllocate(-1));
        assertEquals(0, bindings.memoryAllocate(Long.MAX_VALUE));
        bindings.memoryFree(0);
    }

    /** Null handles and null arrays come back as a status and a sentence: from every function that has a status. */
    @TestFactory
    List<DynamicTest> nothing_but_nulls_is_an_argument_error_of() {
        return Arrays.stream(Bindings.class.getMethods())
                .filter(method -> method.getParameterCount() > 1 && method.getReturnType() == int.class)
                .map(method -> DynamicTest.dynamicTest(method.getName(), () -> assertRefusesNulls(method)))
                .toList();
    }

    private void assertRefusesNulls(Method method) throws IllegalAccessException {
        long error = bindings.memoryAllocate(ERROR_BYTES);
        try {
            Object[] arguments = new Object[method.getParameterCount()];
            Class<?>[] types = method.getParameterTypes();
            for (int i = 0; i < arguments.length; i++) {
                arguments[i] = types[i] == long.class ? 0L : types[i] == int.class ? (Object) 0 : (Object) 0.0;
            }
            arguments[arguments.length - 1] = error;
            assertEquals(ERROR_ARGUMENT, method.invoke(bindings, arguments));
            ByteBuffer message = bindings.memoryView(error, ERROR_BYTES);
            byte[] bytes = new byte[ERROR_BYTES];
            message.get(bytes);
            assertFalse(new String(bytes, StandardCharsets.UTF_8).strip().startsWith("\0"), "there is no message");
        } catch (InvocationTargetException e) {
            throw new AssertionError(e.getCause());
        } finally {
            bindings.memoryFree(error);
        }
    }

    @Test
    void freeing_null_is_allowed() {
        bindings.modelFree(0);
        bindings.contextFree(0);
        bindings.samplerFree(0);
    }

    @Test
    void the_best_kernel_is_a_supported_one_and_scalar_always_is() {
        assertEquals(1, bindings.kernelSupported(0));
        assertEquals(1, bindings.kernelSupported(bindings.kernelBest(-1)));
        assertEquals(0, bindings.kernelBest(0));
        assertEquals(0, bindings.kernelSupported(99));
        assertEquals(0, bindings.kernelSupported(-1));
    }
}
