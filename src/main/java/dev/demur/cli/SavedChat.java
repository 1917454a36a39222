package dev.demur.cli;

import com.google.gson.stream.JsonWriter;
import dev.demur.llama.Message;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The file that {@code /save} writes: the messages of a conversation, each answer with its decision. */
final class SavedChat {

    /** How every such file begins. */
    private static final String BEGINNING = "{\n \"version\": 1,\n \"messages\": [";

    private SavedChat() {}

    /**
     * Writes the file; one that is there is replaced only if it is such a file.
     *
     * @throws IllegalArgumentException if another file is there, or it cannot be written
     */
    static void write(Path file, List<Message> messages) {
        if (Files.isDirectory(file)) {
            throw new IllegalArgumentException(file + ": is a folder: name a file in it");
        }
        if (Files.exists(file) && !isSavedChat(file)) {
            throw new IllegalArgumentException(
                    file + ": is there already and is no saved conversation, so it is not replaced: name another file");
        }
        WholeFile.write(file, json(messages).getBytes(StandardCharsets.UTF_8));
    }

    private static boolean isSavedChat(Path file) {
        byte[] expected = BEGINNING.getBytes(StandardCharsets.UTF_8);
        try (var in = Files.newInputStream(file)) {
            return Arrays.equals(expected, in.readNBytes(expected.length));
        } catch (IOException e) {
            return false;
        }
    }

    static String json(List<Message> messages) {
        StringWriter text = new StringWriter();
        try (JsonWriter json = new JsonWriter(text)) {
            json.setHtmlSafe(false);
            json.setIndent(" ");
            json.beginObject();
            json.name("version").value(1);
            json.name("messages").beginArray();
            for (Message message : messages) {
                json.beginObject();
                json.name("role").value(message.role().id());
                json.name("content").value(message.content());
                if (message.decision() != null) {
                    json.name("decision").value(message.decision());
                }
                json.endObject();
            }
            json.endArray();
            json.endObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // a StringWriter throws none
        }
        return text.append('\n').toString();
    }
}
