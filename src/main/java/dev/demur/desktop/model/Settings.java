package dev.demur.desktop.model;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the application remembers from one start to the next, as a JSON object. A value of a wrong type counts as none. */
public final class Settings {

    private static final Gson WRITER =
            new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

    private static final int MOST_RECENT = 8;

    private final Path file;
    private final JsonObject values;

    private Settings(Path file, JsonObject values) {
        this.file = file;
        this.values = values;
    }

    /** Reads the file. One that is damaged is put aside, and nothing is remembered. */
    public static Settings read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new Settings(file, new JsonObject());
        }
        try {
            if (JsonParser.parseString(Files.readString(file)) instanceof JsonObject object) {
                return new Settings(file, object);
            }
        } catch (JsonParseException | IOException e) {
            System.getLogger("dev.demur").log(System.Logger.Level.WARNING, file + ": is damaged: " + e);
        }
        Files.move(file, file.resolveSibling("settings.damaged.json"), StandardCopyOption.REPLACE_EXISTING);
        return new Settings(file, new JsonObject());
    }

    /** What is to be written, by a thread that may wait for the disk. */
    public Runnable save() {
        String text = WRITER.toJson(values) + "\n";
        return () -> {
            try {
                PrivateFiles.replace(file, text);
            } catch (IOException e) {
                System.getLogger("dev.demur").log(System.Logger.Level.WARNING, file + ": cannot be written: " + e);
            }
        };
    }

    /** A text. */
    public @Nullable String text(String key) {
        return values.get(key) instanceof JsonPrimitive text && text.isString() ? text.getAsString() : null;
    }

    /** A whole number. */
    public int integer(String key, int other) {
        if (!(values.get(key) instanceof JsonPrimitive number && number.isNumber())) {
            return other;
        }
        double value = number.getAsDouble();
        return value == Math.rint(value) && Math.abs(value) <= Integer.MAX_VALUE ? (int) value : other;
    }

    /** A switch. */
    public boolean bool(String key, boolean other) {
        return values.get(key) instanceof JsonPrimitive bool && bool.isBoolean() ? bool.getAsBoolean() : other;
    }

    /** Several texts. */
    public List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        if (values.get(key) instanceof JsonArray array) {
            for (JsonElement element : array) {
                if (element instanceof JsonPrimitive text && text.isString()) {
                    texts.add(text.getAsString());
                }
            }
        }
        return texts;
    }

    /** Sets a text; null removes it. */
    public void set(String key, @Nullable String value) {
        if (value == null) {
            values.remove(key);
        } else {
            values.addProperty(key, value);
        }
    }

    /** Sets a number. */
    public void set(String key, int value) {
        values.addProperty(key, value);
    }

    /** Sets a switch. */
    public void set(String key, boolean value) {
        values.addProperty(key, value);
    }

    /** Puts a text first among those that were used lately. */
    public void use(String key, String text) {
        List<String> texts = texts(key);
        texts.remove(text);
        texts.add(0, text);
        JsonArray array = new JsonArray();
        texts.stream().limit(MOST_RECENT).forEach(array::add);
        values.add(key, array);
    }
}
