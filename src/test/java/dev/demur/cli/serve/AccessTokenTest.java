package dev.demur.cli.serve;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The file with the token, and who may read it. */
class AccessTokenTest {

    private static final String SECRET = "0123456789abcdef";

    @TempDir
    private Path folder;

    private Path file(String text, String permissions) throws IOException {
        Path file = Files.writeString(folder.resolve("token"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    @ParameterizedTest
    @ValueSource(strings = {SECRET, SECRET + "\n", "  " + SECRET + " \r\nmore\n"})
    void the_first_line_is_the_token(String text) throws IOException {
        AccessToken token = AccessToken.read(file(text, "rw-------"));
        assertTrue(token.isIn("Bearer " + SECRET));
        assertFalse(token.isIn("Bearer " + SECRET + "g"));
        assertFalse(token.isIn(null));
        assertNull(token.warning());
    }

    @ParameterizedTest
    @ValueSource(strings = {"rw----r--", "rw-rw----", "rw-----w-", "rw-r--r--"})
    void a_file_that_others_may_read_or_change_is_refused(String permissions) throws IOException {
        Path file = file(SECRET, permissions);
        DemurException refused = assertThrows(DemurException.class, () -> AccessToken.read(file));
        assertTrue(refused.getMessage().contains("chmod 600"), refused.getMessage());
    }

    @Test
    void a_group_that_may_read_it_is_worth_a_warning() throws IOException {
        String warning = AccessToken.read(file(SECRET, "rw-r-----")).warning();
        assertTrue(warning != null && warning.contains("group"), warning);
    }

    @ParameterizedTest
    @CsvSource({
        "'', characters",
        "short, 5 characters",
        "'two words and more of them', without spaces",
        "ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ, ASCII"
    })
    void what_is_no_good_token_is_refused(String text, String expected) throws IOException {
        Path file = file(text, "rw-------");
        DemurException refused = assertThrows(DemurException.class, () -> AccessToken.read(file));
        assertTrue(refused.getMessage().contains(expected), refused.getMessage());
    }

    @Test
    void a_file_that_is_not_there_is_told_how_to_be_made() {
        DemurException refused = assertThrows(DemurException.class, () -> AccessToken.read(folder.resolve("none")));
        assertEquals(true, refused.getMessage().contains("openssl rand -hex 32"), refused.getMessage());
    }
}
