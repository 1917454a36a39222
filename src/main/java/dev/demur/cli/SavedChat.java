package dev.demur.cli;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import dev.demur.DemurException;
import dev.demur.llama.Message;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The file that {@code /save} writes: the messages of a conversation, each answer with its decision. */
final class SavedChat {

    /** How every such file begins. */
    private static final String BEGINNING = "{\n \"version\": 1,\n \"messages\": [";

    private static final int LARGEST = 64 << 20;

    private SavedChat() {}

    /**
     * Writes the file; one that is there is replaced only if it is such a file.
     *
     * @throws DemurException if another file is there, or it cannot be written
     */
    static void write(Path file, List<Message> messages) {
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
    static List<Message> read(Path file) {
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
        JsonReader json = new JsonReader(new StringReader(text));
        json.setStrictness(Strictness.STRICT);
        List<Message> messages = new ArrayList<>();
        double version = 0;
        boolean listed = false;
        try {
            json.beginObject();
            while (json.hasNext()) {
                switch (json.nextName()) {
                    case "version" -> version = json.nextDouble();
                    case "messages" -> {
                        listed = true;
                        json.beginArray();
                        while (json.hasNext()) {
                            messages.add(message(json));
                        }
                        json.endArray();
                    }
                    default -> throw new IllegalStateException("an unknown field before " + json.getPath());
                }
            }
            json.endObject();
            if (version != 1 || !listed || json.peek() != JsonToken.END_DOCUMENT) {
                throw new IllegalStateException("version 1 and messages are not there, or more than these");
            }
        } catch (IOException | IllegalStateException | IllegalArgumentException e) {
            throw new DemurException(
                    file + ": is no conversation that /save wrote: " + Text.oneLine(String.valueOf(e.getMessage())), e);
        }
        return messages;
    }

    private static Message message(JsonReader json) throws IOException {
        String role = null;
        String content = null;
        String decision = null;
        json.beginObject();
        while (json.hasNext()) {
            switch (json.nextName()) {
                case "role" -> role = json.nextString();
                case "content" -> content = json.nextString();
                case "decision" -> decision = json.nextString();
                default -> throw new IllegalStateException("an unknown field before " + json.getPath());
            }
        }
        json.endObject();
        if (role == null || content == null || decision != null && !role.equals(Message.Role.ASSISTANT.id())) {
            throw new IllegalStateException("a message lacks role or content, or has a decision and is no answer");
        }
        return switch (role) {
            case "system" -> Message.system(content);
            case "user" -> Message.user(content);
            case "assistant" ->
                decision == null ? Message.assistant(content) : Message.assistantAfter(content, decision);
            default -> throw new IllegalStateException("role is " + role + ", and not system, user or assistant");
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
