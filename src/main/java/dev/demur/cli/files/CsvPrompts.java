package dev.demur.cli.files;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import dev.demur.DemurException;
import dev.demur.cli.terminal.Nearest;
import dev.demur.cli.terminal.Text;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import java.io.BufferedReader;
import java.io.FilterReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A data set as CSV with a header that names the columns: {@code id}, {@code prompt}, {@code category}, {@code
 * expected}, or those of CoCoNot, {@code question} for the prompt and {@code label_type} for what is expected.
 *
 * <p>Other columns are passed over. Holds one record at a time. Where quotes do not match nothing tells where the next row
 * begins: that ends the reading.
 */
public final class CsvPrompts implements PromptSource {

    private static final String CATEGORY = "category";
    private static final List<String> OTHER_SEPARATORS = List.of(";", "\t");

    /** More than any context holds. */
    private static final int LONGEST_RECORD = 8 << 20;

    private final RowLabels labels;
    private final RecordReader reader;
    private final CsvReader<CsvRecord> parser;
    private final Iterator<CsvRecord> records;
    private final Map<String, Integer> columns = new LinkedHashMap<>();
    private int width;
    private long row;
    /** Where the next record begins. */
    private long line = 1;

    /**
     * The prompts in these bytes, which closing this closes.
     *
     * @throws IOException if the header cannot be read
     * @throws DemurException if it lacks a column
     */
    public CsvPrompts(InputStream in, RowLabels labels) throws IOException {
        this.labels = labels;
        this.reader = new RecordReader(new BufferedReader(
                new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))); // malformed bytes are an error
        // How many columns a row has is looked at here, where the line is known.
        this.parser = CsvReader.builder()
                .skipEmptyLines(false)
                .allowMissingFields(true)
                .allowExtraFields(true)
                .ofCsvRecord(reader);
        this.records = parser.iterator();
        readHeader();
    }

    private void readHeader() throws IOException {
        CsvRecord header = nextRecord();
        if (header == null) {
            throw new DemurException("the file is empty: a CSV file begins with the names of its columns");
        }
        width = header.getFieldCount();
        for (int i = 0; i < width; i++) {
            String name = header.getField(i).replace("\ufeff", "").strip().toLowerCase(Locale.ROOT);
            if (!name.isEmpty() && columns.put(name, i) != null) {
                throw new DemurException("the header names the column " + Text.oneLine(name) + " twice");
            }
        }
        requireCommas();
        require("prompt", "question");
        require("expected", "label_type");
        if (!columns.containsKey(CATEGORY)) {
            requireNotMistyped(Nearest.to(CATEGORY, List.copyOf(columns.keySet())));
        }
    }

    private void requireCommas() {
        String only = columns.size() == 1 ? columns.keySet().iterator().next() : "";
        for (String other : OTHER_SEPARATORS) {
            if (only.contains(other)) {
                throw new DemurException("the header separates its columns by "
                        + (other.equals(";") ? "semicolons" : "tabs") + ", and only commas are read: save the file with"
                        + " commas");
            }
        }
    }

    private void require(String name, String orName) {
        if (!columns.containsKey(name) && !columns.containsKey(orName)) {
            throw new DemurException("the header names no column " + name + ": it has "
                    + Text.oneLine(String.join(", ", columns.keySet()))
                    + "; demur score --help shows what a data file looks like");
        }
    }

    private static void requireNotMistyped(@Nullable String nearest) {
        if (nearest != null) {
            throw new DemurException("the header names no column " + CATEGORY + " but " + Text.oneLine(nearest)
                    + ": is " + CATEGORY + " meant?");
        }
    }

    @Override
    public @Nullable LabelledPrompt next() throws IOException {
        while (true) {
            long begins = line;
            CsvRecord csv = nextRecord();
            if (csv == null) {
                return null;
            }
            if (csv.getFieldCount() == 1 && csv.getField(0).isBlank()) {
                continue;
            }
            row++;
            if (csv.getFieldCount() != width) {
                throw new BadRowException(
                        begins,
                        "the row has " + csv.getFieldCount() + " columns and the header " + width + ": quote commas");
            }
            return labels.prompt(
                            begins,
                            row,
                            value(csv, "id", "id"),
                            value(csv, "prompt", "question"),
                            value(csv, CATEGORY, CATEGORY),
                            value(csv, "expected", "label_type"))
                    .withSource(value(csv, "source", "source"));
        }
    }

    /** The value of a column, or of another where it is empty; null where both are. */
    private @Nullable String value(CsvRecord csv, String name, String orName) {
        for (String column : new String[] {name, orName}) {
            Integer i = columns.get(column);
            if (i != null && !csv.getField(i).isBlank()) {
                return csv.getField(i);
            }
        }
        return null;
    }

    private @Nullable CsvRecord nextRecord() throws IOException {
        reader.beginRecord();
        try {
            CsvRecord csv = records.hasNext() ? records.next() : null;
            line += csv == null ? 0 : lines(csv);
            return csv;
        } catch (UncheckedIOException | CsvParseException e) {
            throw new IOException("the record that begins in line " + line + " " + problem(e), e);
        }
    }

    /** Of text: a value in quotation marks may have several. */
    private static long lines(CsvRecord csv) {
        long lines = 1;
        for (String value : csv.getFields()) {
            for (int i = 0; i < value.length(); i++) {
                char c = value.charAt(i);
                boolean half = c == '\r' && i + 1 < value.length() && value.charAt(i + 1) == '\n';
                lines += (c == '\n' || c == '\r') && !half ? 1 : 0;
            }
        }
        return lines;
    }

    private static String problem(Throwable e) {
        Throwable cause = e;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof CharacterCodingException) {
            return "is not UTF-8 text";
        }
        if (cause instanceof TooLongException) {
            return "is longer than " + (LONGEST_RECORD >> 20) + " MiB: is a quotation mark missing?";
        }
        return "cannot be read: " + cause.getMessage();
    }

    private static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /**
     * Counts what is read for a record, so that a missing quotation mark does not bring in the whole file, and knows whether
     * a value in quotation marks is open, because the parser takes the end of the file for its end.
     */
    private static final class RecordReader extends FilterReader {

        private enum State {
            BEGIN,
            PLAIN,
            QUOTED,
            QUOTE
        }

        private State state = State.BEGIN;
        private long left;

        RecordReader(Reader in) {
            super(in);
        }

        void beginRecord() {
            left = LONGEST_RECORD;
        }

        @Override
        public int read(char[] buffer, int from, int length) throws IOException {
            int count = super.read(buffer, from, length);
            if (count < 0 && state == State.QUOTED) {
                throw new IOException("the file ends inside of quotation marks: one is missing");
            }
            left -= Math.max(0, count);
            if (left < 0) {
                throw new TooLongException();
            }
            for (int i = from; i < from + count; i++) {
                state = next(buffer[i]);
            }
            return count;
        }

        private State next(char c) {
            boolean quote = c == '"';
            if (state == State.QUOTED) {
                return quote ? State.QUOTE : State.QUOTED;
            }
            if (quote) {
                return state == State.PLAIN
                        ? State.PLAIN
                        : State.QUOTED; // a second one is one that belongs to the value
            }
            return c == ',' || c == '\n' || c == '\r' ? State.BEGIN : State.PLAIN;
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
