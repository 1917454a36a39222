package dev.demur.cli;

import dev.demur.calibration.BadRowException;
import dev.demur.calibration.LabelledPrompt;
import dev.demur.calibration.PromptSource;
import dev.demur.calibration.RowLabels;
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
import java.util.Locale;
import java.util.Map;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;
import org.jspecify.annotations.Nullable;

/**
 * A data set as CSV with a header that names the columns: {@code id}, {@code prompt}, {@code category}, {@code
 * expected}, or those of CoCoNot, {@code question} for the prompt and {@code label_type} for what is expected.
 *
 * <p>Other columns are passed over. Holds one record at a time. Where quotes do not match nothing tells where the next row
 * begins: that ends the reading.
 */
final class CsvPrompts implements PromptSource {

    /** More than any context holds. */
    private static final int LONGEST_RECORD = 8 << 20;

    private static final CSVFormat FORMAT =
            CSVFormat.DEFAULT.builder().setIgnoreEmptyLines(false).get();

    private final RowLabels labels;
    private final RecordReader reader;
    private final CSVParser parser;
    private final Iterator<CSVRecord> records;
    private final Map<String, Integer> columns = new LinkedHashMap<>();
    private int width;
    private long row;

    /**
     * The prompts in these bytes, which closing this closes.
     *
     * @throws IOException if the header cannot be read
     * @throws IllegalArgumentException if it lacks a column
     */
    CsvPrompts(InputStream in, RowLabels labels) throws IOException {
        this.labels = labels;
        this.reader = new RecordReader(new BufferedReader(
                new InputStreamReader(in, StandardCharsets.UTF_8.newDecoder()))); // malformed bytes are an error
        this.parser = CSVParser.builder().setReader(reader).setFormat(FORMAT).get();
        this.records = parser.iterator();
        readHeader();
    }

    private void readHeader() throws IOException {
        CSVRecord header = nextRecord();
        if (header == null) {
            throw new IllegalArgumentException("the file is empty: a CSV file begins with the names of its columns");
        }
        width = header.size();
        for (int i = 0; i < width; i++) {
            String name = header.get(i).replace("\ufeff", "").strip().toLowerCase(Locale.ROOT);
            if (!name.isEmpty() && columns.put(name, i) != null) {
                throw new IllegalArgumentException("the header names the column " + Text.oneLine(name) + " twice");
            }
        }
        require("prompt", "question");
        require("expected", "label_type");
    }

    private void require(String name, String orName) {
        if (!columns.containsKey(name) && !columns.containsKey(orName)) {
            throw new IllegalArgumentException("the header names no column " + name + " or " + orName + ": it has "
                    + Text.oneLine(String.join(", ", columns.keySet())));
        }
    }

    @Override
    public @Nullable LabelledPrompt next() throws IOException {
        while (true) {
            long line = parser.getCurrentLineNumber() + 1;
            CSVRecord csv = nextRecord();
            if (csv == null) {
                return null;
            }
            if (csv.size() == 1 && csv.get(0).isBlank()) {
                continue;
            }
            row++;
            if (csv.size() != width) {
                throw new BadRowException(
                        line, "the row has " + csv.size() + " columns and the header " + width + ": quote commas");
            }
            return labels.prompt(
                            line,
                            row,
                            value(csv, "id", "id"),
                            value(csv, "prompt", "question"),
                            value(csv, "category", "category"),
                            value(csv, "expected", "label_type"))
                    .withSource(value(csv, "source", "source"));
        }
    }

    /** The value of a column, or of another where it is empty; null where both are. */
    private @Nullable String value(CSVRecord csv, String name, String orName) {
        for (String column : new String[] {name, orName}) {
            Integer i = columns.get(column);
            if (i != null && !csv.get(i).isBlank()) {
                return csv.get(i);
            }
        }
        return null;
    }

    private @Nullable CSVRecord nextRecord() throws IOException {
        long line = parser.getCurrentLineNumber() + 1;
        reader.beginRecord();
        try {
            return records.hasNext() ? records.next() : null;
        } catch (UncheckedIOException e) {
            throw new IOException("the record that begins in line " + line + " " + problem(e), e);
        }
    }

    private static String problem(UncheckedIOException e) {
        IOException cause = e.getCause();
        if (cause instanceof CharacterCodingException) {
            return "is not UTF-8 text";
        }
        if (cause instanceof TooLongException) {
            return "is longer than " + (LONGEST_RECORD >> 20) + " MiB: is a quotation mark missing?";
        }
        return "cannot be read: " + (cause == null ? e : cause).getMessage();
    }

    private static final class TooLongException extends IOException {
        private static final long serialVersionUID = 1L;
    }

    /** Counts what is read for a record, so that a missing quotation mark does not bring in the whole file. */
    private static final class RecordReader extends FilterReader {

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
            left -= Math.max(0, count);
            if (left < 0) {
                throw new TooLongException();
            }
            return count;
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
