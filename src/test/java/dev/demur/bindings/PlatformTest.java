package dev.demur.bindings;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.NativeLoadException;
import org.junit.jupiter.api.Test;

class PlatformTest {

    @Test
    void both_names_of_an_architecture_lead_to_one_folder() {
        assertEquals(
                "dev/demur/native/linux/x86_64/libdemur.so",
                Platform.of("Linux", "amd64").libdemurResource());
        assertEquals(Platform.of("Linux", "amd64"), Platform.of("Linux", "x86_64"));
        assertEquals(Platform.of("Mac OS X", "aarch64"), Platform.of("Mac OS X", "arm64"));
    }

    @Test
    void libraries_are_named_as_the_system_names_them() {
        assertEquals(
                "de/kherud/llama/Mac/aarch64/libjllama.dylib",
                Platform.of("Mac OS X", "aarch64").javaLlamaResource());
        assertEquals(
                "dev/demur/native/windows/x86_64/demur.dll",
                Platform.of("Windows 11", "amd64").libdemurResource());
    }

    @Test
    void an_unknown_system_is_told_what_to_build() {
        String message = assertThrows(NativeLoadException.class, () -> Platform.of("Plan 9", "amd64"))
                .getMessage();
        assertTrue(message.contains("Plan 9") && message.contains("-Ddemur.library"), message);
    }
}
