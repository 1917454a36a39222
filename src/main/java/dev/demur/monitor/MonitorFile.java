package dev.demur.monitor;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import com.google.gson.Strictness;
import dev.demur.arguments.Given;
import dev.demur.policy.RefusalPolicy;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A monitor in a file: strict JSON, whose fields docs/CALIBRATION.md describes.
 *
 * @param monitor all that it knows
 * @param log how far the log was read from which it knows that; null: there was none
 */
public record MonitorFile(Monitor monitor, @Nullable LogPlace log) {

    private static final String UNFINISHED = ".part";
    private static final long LARGEST = 256 << 20;

    private static final Gson WRITER = new GsonBuilder()
            .setStrictness(Strictness.STRICT)
            .setPrettyPrinting()
            .serializeNulls()
            .disableHtmlEscaping()
            .create();

    public MonitorFile {
        Given.value(monitor, "monitor");
    }

    /**
     * Reads a file.
     *
     * @param policy the policy that was watched
     * @throws MonitorException naming file and field, if it is no such file, or of another policy
     */
    public static MonitorFile read(Path file, RefusalPolicy policy) {
        Given.value(policy, "policy");
        Given.value(file, "file");
        try {
            if (Files.size(file) > LARGEST) {
                throw new MonitorException(
                        file + ": is larger than " + (LARGEST >> 20) + " MiB and thus no monitor's file");
            }
            return parse(Files.readString(file), file.toString(), policy);
        } catch (NoSuchFileException e) {
            throw new MonitorException(file + ": there is no such file", e);
        } catch (CharacterCodingException e) {
            throw new MonitorException(file + ": is not UTF-8 text", e);
        } catch (IOException e) {
            throw new MonitorException(file + ": cannot be read: " + e, e);
        }
    }

    /**
     * Reads the text of a file.
     *
     * @param source what messages call it, as a file name
     * @param policy the policy that was watched
     * @throws MonitorException naming source and field, if it is no such text, or of another policy
     */
    public static MonitorFile parse(String json, String source, RefusalPolicy policy) {
        return MonitorJson.parse(
                Given.value(json, "json"), Given.value(source, "source"), Given.value(policy, "policy"));
    }

    /** The text of the file, whose numbers {@link #parse} reads back as the same doubles. */
    public String toJson() {
        JsonObject json = monitor.toJson();
        if (log != null) {
            JsonObject place = new JsonObject();
            place.addProperty("position", log.position());
            place.addProperty("lines", log.lines());
            place.addProperty("tail", log.tail());
            json.add("log", place);
        } else {
            json.add("log", null);
        }
        return WRITER.toJson(json) + "\n";
    }

    /**
     * Writes the file as a whole or not at all; one that is there is replaced, through links.
     *
     * @throws MonitorException if it cannot be written
     */
    public void write(Path file) {
        Given.value(file, "file");
        String text = toJson();
        try {
            Path place = Files.exists(file) ? file.toRealPath() : file.toAbsolutePath();
            // With a name of its own, because two threads may write at once, and with the rights that the user's files
            // have.
            Path part = place.resolveSibling(place.getFileName() + "." + UUID.randomUUID() + UNFINISHED);
            try {
                Files.writeString(part, text, StandardCharsets.UTF_8);
                move(part, place);
            } finally {
                Files.deleteIfExists(part);
            }
        } catch (NoSuchFileException e) {
            throw new MonitorException(file + ": cannot be written: there is no such folder", e);
        } catch (IOException e) {
            throw new MonitorException(file + ": cannot be written: " + e, e);
        }
    }

    private static void move(Path part, Path place) throws IOException {
        try {
            Files.move(part, place, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(part, place, StandardCopyOption.REPLACE_EXISTING); // a file system that cannot do better
        }
    }
}
