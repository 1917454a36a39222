package dev.demur.scoring;

import dev.demur.arguments.Given;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.BoundedLines;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptHash;
import dev.demur.json.ForeignText;
import dev.demur.json.JsonException;
import dev.demur.json.JsonValue;
import dev.demur.json.StrictJson;
import dev.demur.policy.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a score file row by row, so that scoring that was ended at any moment can be taken up again: nothing is lost but
 * the row that was being written, and nothing is written twice.
 *
 * <p>The meta file is there before the first row; where no row follows it, neither file remains that was begun here. Holds
 * the ids of all rows, 22 to 43 bytes each. For one thread.
 *
 * <p>No two runs write one file: it is locked, for this process and for others, until this is closed. The lock of a POSIX
 * system is lost where the process that holds it closes the file anywhere else, so that only one descriptor reads and
 * writes it here; do not open it elsewhere meanwhile.
 */
public final class ScoreWriter implements AutoCloseable {

    /** More than a line has. */
    private static final int DEEPEST = 8;

    private final Path file;
    private final LockedFile locked;
    private final RandomAccessFile out;
    private final boolean beganMeta;
    private final RowIds ids = new RowIds();
    private long resumed;
    private long written;
    private boolean closed;

    private ScoreWriter(Path file, LockedFile locked, boolean beganMeta) {
        this.file = file;
        this.locked = locked;
        this.out = locked.opened();
        this.beganMeta = beganMeta;
    }

    /**
     * Begins a score file, or takes up one that was begun with the same meta data.
     *
     * @throws ScoreFileException if there is a file that was not, with what differs; if another process writes it; or if
     *     it cannot be read or written
     */
    public static ScoreWriter open(Path file, ScoreMeta meta) {
        Given.value(file, "file");
        Given.value(meta, "meta");
        Path metaFile = ScoreMeta.beside(file);
        try {
            LockedFile locked = LockedFile.open(file);
            ScoreWriter writer;
            try {
                writer = new ScoreWriter(file, locked, begin(file, locked, metaFile, meta));
            } catch (IOException | RuntimeException e) {
                locked.close(true);
                throw e;
            }
            try {
                requireSame(ScoreMeta.read(metaFile), meta, file);
                writer.resumed = writer.keepWholeLines();
                return writer;
            } catch (IOException | RuntimeException e) {
                writer.close();
                throw e;
            }
        } catch (IOException e) {
            throw new ScoreFileException(file + ": the score file cannot be written: " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        return e instanceof NoSuchFileException ? "there is no such folder" : e.toString();
    }

    /** Writes the meta file where there is none; returns whether it did. */
    private static boolean begin(Path file, LockedFile locked, Path metaFile, ScoreMeta meta) throws IOException {
        if (Files.exists(metaFile)) {
            return false;
        }
        if (locked.opened().length() > 0) {
            throw new ScoreFileException(file + ": is there already, but without " + metaFile.getFileName()
                    + ", which scores have beside them, so it is not replaced: name another file");
        }
        meta.write(metaFile);
        return true;
    }

    private static void requireSame(ScoreMeta there, ScoreMeta now, Path file) {
        List<String> changes = new ArrayList<>();
        if (!there.fingerprint().equals(now.fingerprint())) {
            changes.add("the model is another one");
        }
        if (!there.dataHash().equals(now.dataHash())) {
            changes.add("the data have changed");
        }
        if (there.temperature() != now.temperature()) {
            changes.add("the temperature was " + there.temperature() + " and is " + now.temperature());
        }
        if (!there.labels().equals(now.labels()) || !there.readout().equals(now.readout())) {
            changes.add("the readout is another one");
        }
        if (!String.valueOf(there.template()).equals(String.valueOf(now.template()))) {
            changes.add("the chat template is another one");
        }
        if (there.renderer() != null && !there.renderer().equals(now.renderer())) {
            changes.add("the chat template was rendered by " + there.renderer() + " and is by "
                    + (now.renderer() == null ? "nothing" : now.renderer()));
        }
        if (!String.valueOf(there.system()).equals(String.valueOf(now.system()))) {
            changes.add("the system message is another one");
        }
        if (there.engine() != null && !there.engine().equals(now.engine())) {
            changes.add("llama.cpp or the device is another one");
        }
        if (!changes.isEmpty()) {
            throw new ScoreFileException(file + ": cannot go on with these scores, because "
                    + String.join(", and ", changes)
                    + ": give what they were begun with, name another file for the new ones, or delete this one and "
                    + ScoreMeta.beside(file).getFileName() + " to begin anew");
        }
    }

    /** Notes the ids of all rows, cuts off what follows the last whole line, and returns the number of rows. */
    private long keepWholeLines() throws IOException {
        long rows = 0;
        long whole = 0;
        out.seek(0);
        // Not closed: that would close the file, and with it the lock. Nor by its channel, which an interrupt closes.
        BoundedLines lines = new BoundedLines(new InputStream() {
            @Override
            public int read() throws IOException {
                return out.read();
            }

            @Override
            public int read(byte[] bytes, int offset, int length) throws IOException {
                return out.read(bytes, offset, length);
            }
        });
        while (wholeLine(file, lines, ids)) {
            whole = lines.position();
            rows++;
        }
        out.setLength(whole);
        out.seek(whole);
        return rows;
    }

    private static boolean wholeLine(Path file, BoundedLines lines, RowIds ids) throws IOException {
        try {
            String line = lines.next();
            if (line == null || !lines.ended()) {
                return false;
            }
            if (!ids.addScored(idOf(line, lines.number()))) {
                throw new BadRowException(lines.number(), "has an id that an earlier line has");
            }
            return true;
        } catch (BadRowException e) {
            if (!lines.ended()) {
                return false;
            }
            throw new ScoreFileException(
                    file + ":" + e.line() + ": " + e.getMessage()
                            + ": name another file, or delete this one, and all rows are scored again",
                    e);
        }
    }

    private static String idOf(String line, long number) {
        JsonValue value;
        try {
            value = StrictJson.parse(line, DEEPEST);
        } catch (JsonException e) {
            throw new BadRowException(number, "is no line of a score file");
        }
        if (!(value instanceof JsonValue.JsonObject row)) {
            throw new BadRowException(number, "is no line of a score file");
        }
        JsonValue.Member id = row.members().get("id");
        if (id == null || !(id.value() instanceof JsonValue.JsonString text)) {
            throw new BadRowException(number, "has no id");
        }
        return text.value();
    }

    /** How many rows were there when it was opened. */
    public long resumed() {
        return resumed;
    }

    /**
     * Whether a row of the data has no scores yet; to be asked once for each row.
     *
     * @throws BadRowException if an earlier row has the same id
     */
    public boolean lacks(LabelledPrompt prompt) {
        return switch (ids.read(Given.value(prompt, "prompt").id())) {
            case NEW -> true;
            case SCORED -> false;
            case REPEATED ->
                throw new BadRowException(
                        prompt.line(), "id " + ForeignText.quoted(prompt.id()) + " is there already: ids must differ");
        };
    }

    /** Adds a row of a prompt that nothing was fitted on; errors as for {@link #write(LabelledPrompt, Reading, boolean)}. */
    public void write(LabelledPrompt prompt, Reading reading) {
        write(prompt, reading, false);
    }

    /**
     * Adds a row.
     *
     * @param fitted whether the head that scored the prompt was fitted on it
     * @throws ScoreFileException if the file cannot be written
     */
    public synchronized void write(LabelledPrompt prompt, Reading reading, boolean fitted) {
        Given.value(prompt, "prompt");
        Given.value(reading, "reading");
        if (closed) {
            throw new ScoreFileException(file + ": scoring was ended");
        }
        String line = ScoreFile.line(
                prompt.id(), prompt.category(), prompt.shouldRefuse(), reading, PromptHash.of(prompt.text()), fitted);
        try {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            written++;
        } catch (IOException e) {
            throw new ScoreFileException(file + ": the score file cannot be written: " + e, e);
        }
    }

    /** Closes the file if it has no row yet, as {@link #close} does. What is written later is then an error. Any thread may. */
    public synchronized void closeIfEmpty() {
        if (resumed + written == 0) {
            close();
        }
    }

    /**
     * Closes the file; where it has no row, it is deleted if it was begun here, and so is the meta file. Closing again has no
     * effect.
     */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        boolean empty = resumed + written == 0;
        try {
            if (empty && beganMeta) {
                Files.deleteIfExists(ScoreMeta.beside(file));
            }
            locked.close(empty);
        } catch (IOException e) {
            throw new ScoreFileException(file + ": the score file cannot be written: " + e, e);
        }
    }
}
