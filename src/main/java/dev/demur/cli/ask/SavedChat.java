package dev.demur.cli.ask;

import com.google.gson.stream.JsonWriter;
import dev.demur.DemurException;
import dev.demur.cli.files.FileKind;
import dev.demur.cli.files.WholeFile;
import dev.demur.json.ForeignText;
import dev.demur.json.JsonFields;
import dev.demur.llama.Message;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/** The file that {@code /save} writes: the messages of a conversation, each answer with its decision. */
public final class SavedChat {

    /** How every such file begins. */
    private static final String BEGINNING = "{\n \"version\": 1,\n \"messages\": [";

    private static final int LARGEST = 64 << 20;
    private static final int VERSION = 1;
    private static final String DECISION = "decision";

    /** More than a file has. */
    private static final int DEEPEST = 8;

    private SavedChat() {}

    /**
     * Writes the file; one that is there is replaced only if it is such a file.
     *
     * @throws DemurException if another file is there, or it cannot be written
     */
    public static void write(Path file, List<Message> messages) {
        FileKind.requireWritable(file);
        if (Files.exists(file) && !isSavedChat(file)) {
            throw new DemurException(
                    file + ": is there already and is no saved conversation, so it is not replaced: name another file");
        }
        WholeFile.write(file, json(messages).getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The messages in such a file.
     *
     * @throws DemurException naming the file, if it cannot be read or is none
     */
    public static List<Message> read(Path file) {
        if (FileKind.of(file) != FileKind.FILE) {
            throw new DemurException(file + ": there is no such file");
        }
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(LARGEST + 1);
            if (bytes.length > LARGEST) {
                throw new DemurException(file + ": is larger than 64 MiB and thus no saved conversation");
            }
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
            return parse(text, file);
        } catch (CharacterCodingException e) {
            throw new DemurException(file + ": is not UTF-8 text", e);
        } catch (IOException e) {
            throw new DemurException(file + ": cannot be read: " + WholeFile.reason(e), e);
        }
    }

    private static List<Message> parse(String text, Path file) {
        JsonFields saved = JsonFields.parse(
                        text, DEEPEST, file + ": is no conversation that /save wrote", DemurException::new)
                .only(List.of("version", "messages"));
        if (saved.whole("version") != VERSION) {
            throw saved.error("version", "must be " + VERSION + ", which this release of Demur reads");
        }
        return saved.objects("messages").stream().map(SavedChat::message).toList();
    }

    private static Message message(JsonFields saved) {
        saved.only(List.of("role", "content", DECISION));
        String role = saved.string("role");
        String content = saved.string("content");
        String decision = saved.has(DECISION) ? saved.string(DECISION) : null;
        if (decision != null && !role.equals(Message.Role.ASSISTANT.id())) {
            throw saved.error(DECISION, "is there, and only an answer has one");
        }
        return switch (role) {
            case "system" -> Message.system(content);
            case "user" -> Message.user(content);
            case "assistant" ->
                decision == null
                        ? Message.assistant(content)
                        : saved.checked(DECISION, () -> Message.assistantAfter(content, decision));
            default -> throw saved.error("role", "must be system, user or assistant, not " + ForeignText.quoted(role));
        };
    }

    private static boolean isSavedChat(Path file) {
        byte[] expected = BEGINNING.getBytes(StandardCharsets.UTF_8);
        try (var in = Files.newInputStream(file)) {
            return Arrays.equals(expected, in.readNBytes(expected.length));
        } catch (IOException e) {
            return false;
        }
    }

    public static String json(List<Message> messages) {
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
