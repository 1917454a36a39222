package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.cli.ask.TypedLines;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jline.terminal.Size;
import org.jline.terminal.TerminalBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(1800)
class TypedLinesTest {

    private final ByteArrayOutputStream shown = new ByteArrayOutputStream();

    private TypedLines typing(String keys) throws IOException {
        org.jline.terminal.Terminal terminal = TerminalBuilder.builder()
                .system(false)
                .jni(false)
                .type("xterm")
                .streams(new ByteArrayInputStream(keys.getBytes(StandardCharsets.UTF_8)), shown)
                .stdinEncoding(StandardCharsets.UTF_8)
                .stdoutEncoding(StandardCharsets.UTF_8)
                .build();
        terminal.setSize(Size.of(70, 20));
        return new TypedLines(terminal, List.of("/help"));
    }

    @Test
    void a_pasted_paragraph_is_one_message_and_typed_lines_are_messages_each() throws IOException {
        try (TypedLines lines =
                typing("one\r\u001b[200~two\rthree\n\n/help\r\u001b[201~\rfour \u001b[200~5\r6\u001b[201~ seven\r")) {
            assertEquals("one", lines.next());
            assertEquals("two\nthree\n\n/help", lines.next());
            assertEquals("four 5\n6 seven", lines.next());
            assertNull(lines.next());
            assertEquals(70, lines.width());
        }
    }

    @Test
    void pastes_are_marked_while_an_answer_comes_and_no_longer_when_the_chat_ends() throws IOException {
        try (TypedLines lines = typing("one\r")) {
            assertEquals("one", lines.next());
            assertTrue(shown.toString(StandardCharsets.UTF_8).lastIndexOf("[?2004h")
                    > shown.toString(StandardCharsets.UTF_8).lastIndexOf("[?2004l"));
        }
        String all = shown.toString(StandardCharsets.UTF_8);
        assertTrue(all.lastIndexOf("[?2004l") > all.lastIndexOf("[?2004h"), all);
    }
}
