package dev.demur.calibration;

import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import dev.demur.policy.Reading;
import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.io.StringReader;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes a score file row by row, so that scoring that was ended at any moment can be taken up again: nothing is lost but
 * the row that was being written, and nothing is written twice.
 *
 * <p>The meta file is there before the first row. Holds the ids of all rows, 22 to 43 bytes each. For one thread.
 */
public final class ScoreWriter implements AutoCloseable {

    private final Path file;
    private final RandomAccessFile out;
    private final RowIds ids;
    private final long resumed;

    private ScoreWriter(Path file, RandomAccessFile out, RowIds ids, long resumed) {
        this.file = file;
        this.out = out;
        this.ids = ids;
        this.resumed = resumed;
    }

    /**
     * Begins a score file, or takes up one that was begun with the same meta data.
     *
     * @throws ScoreFileException if there is a file that was not, with what differs; if another process writes it; or if
     *     it cannot be read or written
     */
    public static ScoreWriter open(Path file, ScoreMeta meta) {
        Path metaFile = ScoreMeta.beside(file);
        try {
            if (!Files.exists(metaFile)) {
                if (Files.exists(file) && Files.size(file) > 0) {
                    throw new ScoreFileException(file + ": is there already, but without " + metaFile.getFileName()
                            + ", and so nothing tells what it holds: delete it or name another file");
                }
                meta.write(metaFile);
            }
            RandomAccessFile out = new RandomAccessFile(file.toFile(), "rw");
            try {
                lock(out, file);
                requireSame(ScoreMeta.read(metaFile), meta, metaFile);
                RowIds ids = new RowIds();
                long resumed = keepWholeLines(file, out, ids);
                return new ScoreWriter(file, out, ids, resumed);
            } catch (IOException | RuntimeException e) {
                out.close();
                throw e;
            }
        } catch (IOException e) {
            throw new ScoreFileException(file + ": the score file cannot be written: " + e, e);
        }
    }

    /** Held until the file is closed. */
    private static void lock(RandomAccessFile out, Path file) throws IOException {
        boolean locked;
        try {
            locked = out.getChannel().tryLock() != null;
        } catch (OverlappingFileLockException e) {
            locked = false;
        }
        if (!locked) {
            throw new ScoreFileException(file + ": is being written by another run: wait for it, or name another file");
        }
    }

    private static void requireSame(ScoreMeta there, ScoreMeta now, Path metaFile) {
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
        if (!String.valueOf(there.system()).equals(String.valueOf(now.system()))) {
            changes.add("the system message is another one");
        }
        if (there.engine() != null && !there.engine().equals(now.engine())) {
            changes.add("llama.cpp or the device is another one");
        }
        if (!changes.isEmpty()) {
            throw new ScoreFileException(metaFile + ": cannot go on with these scores, because "
                    + String.join(", and ", changes)
                    + ": give what they were begun with, or name another file for the new ones");
        }
    }

    /** Notes the ids of all rows, cuts off what follows the last whole line, and returns the number of rows. */
    private static long keepWholeLines(Path file, RandomAccessFile out, RowIds ids) throws IOException {
        long rows = 0;
        long whole = 0;
        try (InputStream in = Files.newInputStream(file);
                BoundedLines lines = new BoundedLines(in)) {
            while (wholeLine(file, lines, ids)) {
                whole = lines.position();
                rows++;
            }
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
                    file + ":" + e.line() + ": " + e.getMessage() + ": delete the file, and all rows are scored again",
                    e);
        }
    }

    private static String idOf(String line, long number) {
        JsonReader reader = new JsonReader(new StringReader(line));
        reader.setStrictness(Strictness.STRICT);
        String id = null;
        try {
            reader.beginObject();
            while (reader.hasNext()) {
                if (reader.nextName().equals("id")) {
                    id = reader.nextString();
                } else {
                    reader.skipValue();
                }
            }
            reader.endObject();
        } catch (IOException | IllegalStateException e) {
            throw new BadRowException(number, "is no line of a score file");
        }
        if (id == null) {
            throw new BadRowException(number, "has no id");
        }
        return id;
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
        return switch (ids.read(prompt.id())) {
            case NEW -> true;
            case SCORED -> false;
            case REPEATED ->
                throw new BadRowException(
                        prompt.line(), "id " + StrictObject.quote(prompt.id()) + " is there already: ids must differ");
        };
    }

    /**
     * Adds a row.
     *
     * @throws ScoreFileException if the file cannot be written
     */
    public void write(LabelledPrompt prompt, Reading reading) {
        String line = ScoreFile.line(
                prompt.id(), prompt.category(), prompt.shouldRefuse(), reading, PromptHash.of(prompt.text()));
        try {
            out.write((line + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new ScoreFileException(file + ": the score file cannot be written: " + e, e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new ScoreFileException(file + ": the score file cannot be written: " + e, e);
        }
    }
}
