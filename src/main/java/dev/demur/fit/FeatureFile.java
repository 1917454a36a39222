package dev.demur.fit;

import dev.demur.DemurException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.MappedByteBuffer;
import java.nio.ShortBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * What was read of each row of a data set, in half precision, kept in a file so that reading that was ended at any moment can
 * go on. Rows follow one another in their order; each has a checksum, and what follows the last whole row is cut off.
 *
 * <p>A row has one power of two for each vector of hidden states, because some models have numbers beyond what a half holds,
 * and a flag: rows that could not be read are there too. For one thread until it is {@linkplain #map mapped}. The file is locked
 * until this is closed.
 */
final class FeatureFile implements AutoCloseable {

    private static final byte[] MAGIC = "DEMURFT1".getBytes(StandardCharsets.US_ASCII);
    private static final int LONGEST_KEY = 1 << 20;
    private static final byte READ = 1;
    private static final byte UNREADABLE = 2;

    /** Numbers are scaled to just below this, half of what a half holds. */
    private static final int MOST_EXPONENT = 14;

    private static final long LARGEST_SEGMENT = 1L << 30;

    private final Path path;
    private final RandomAccessFile file;
    private final FileLock lock;
    private final int vectors;
    private final int width;
    private final ByteBuffer record;
    private long dataStart;
    private int rows;
    private int unreadable;
    private boolean damaged;

    private FeatureFile(Path path, RandomAccessFile file, FileLock lock, int vectors, int width) {
        this.path = path;
        this.file = file;
        this.lock = lock;
        this.vectors = vectors;
        this.width = width;
        int bytes = 1 + Float.BYTES * vectors + Short.BYTES * vectors * width + Integer.BYTES;
        this.record = ByteBuffer.allocate(bytes + (bytes & 1)).order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Begins a file, or takes up one that was begun with the same key.
     *
     * @param key says what rows are read of what by what, as text
     * @param vectors of each row
     * @param width of each vector
     * @throws DemurException if there is a file that was begun otherwise or is none of these, or another process
     *     writes it
     * @throws IOException if it cannot be read or written
     */
    static FeatureFile open(Path path, String key, int vectors, int width) throws IOException {
        RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw");
        try {
            FileLock lock = lock(file, path);
            FeatureFile features = new FeatureFile(path, file, lock, vectors, width);
            features.begin(key);
            features.keepWholeRows();
            return features;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    private static FileLock lock(RandomAccessFile file, Path path) throws IOException {
        FileLock lock = null;
        try {
            lock = file.getChannel().tryLock();
        } catch (OverlappingFileLockException e) {
            // held by this very process
        }
        if (lock == null) {
            throw new DemurException(
                    path + ": another process that fits a head writes it: wait for that, or name another output file");
        }
        return lock;
    }

    private void begin(String key) throws IOException {
        byte[] text = key.getBytes(StandardCharsets.UTF_8);
        byte[] header = ByteBuffer.allocate(MAGIC.length + 3 * Integer.BYTES + text.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .putInt(vectors)
                .putInt(width)
                .putInt(text.length)
                .put(text)
                .array();
        dataStart = header.length;
        byte[] there = new byte[(int) Math.min(file.length(), header.length)];
        file.seek(0);
        file.readFully(there);
        if (Arrays.equals(there, 0, there.length, header, 0, there.length)) {
            if (there.length < header.length) {
                file.setLength(0);
                file.write(header);
            }
            return;
        }
        throw new DemurException(path + ": " + difference(there, key));
    }

    private String difference(byte[] there, String key) throws IOException {
        if (there.length < MAGIC.length + 3 * Integer.BYTES
                || !Arrays.equals(there, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            return "is there already and holds no features: name another output file";
        }
        String what = "";
        file.seek(MAGIC.length + 2L * Integer.BYTES);
        int length = Integer.reverseBytes(file.readInt());
        if (length >= 0 && length <= Math.min(LONGEST_KEY, file.length())) {
            byte[] text = new byte[(int) Math.min(length, file.length() - file.getFilePointer())];
            file.readFully(text);
            what = changed(new String(text, StandardCharsets.UTF_8), key);
        }
        return "these features were begun otherwise" + what
                + ": give what they were begun with, or delete the file to begin anew";
    }

    /** The lines of both keys that differ. */
    private static String changed(String before, String now) {
        List<String> old = before.lines().toList();
        List<String> differing = new ArrayList<>();
        for (String line : now.lines().toList()) {
            if (!old.contains(line)) {
                differing.add(line.replaceFirst(":.*", ""));
            }
        }
        return differing.isEmpty() ? "" : " (" + String.join(", ", differing) + ")";
    }

    private void keepWholeRows() throws IOException {
        long whole = (file.length() - dataStart) / record.capacity();
        file.seek(dataStart);
        for (long row = 0; row < whole; row++) {
            file.readFully(record.array());
            byte flag = record.get(0);
            if (checksum() != record.getInt(record.capacity() - Integer.BYTES) || flag != READ && flag != UNREADABLE) {
                damaged = true;
                break;
            }
            rows++;
            unreadable += flag == UNREADABLE ? 1 : 0;
        }
        file.setLength(dataStart + (long) rows * record.capacity());
        file.seek(file.length());
    }

    private int checksum() {
        CRC32 crc = new CRC32();
        crc.update(record.array(), 0, record.capacity() - Integer.BYTES);
        return (int) crc.getValue();
    }

    /** How many rows there are. */
    int rows() {
        return rows;
    }

    /** Whether a damaged row, and all that followed it, was thrown away when it was opened. */
    boolean wasDamaged() {
        return damaged;
    }

    /** How many of the rows could not be read. */
    int unreadable() {
        return unreadable;
    }

    /**
     * Adds a row.
     *
     * @param numbers the vectors of the row, one after another; null: it could not be read
     * @throws IOException if the file cannot be written
     */
    void add(float @Nullable [] numbers) throws IOException {
        record.clear();
        Arrays.fill(record.array(), (byte) 0);
        record.put(numbers == null ? UNREADABLE : READ);
        if (numbers != null) {
            for (int v = 0; v < vectors; v++) {
                putVector(numbers, v);
            }
        }
        record.putInt(record.capacity() - Integer.BYTES, checksum());
        file.write(record.array());
        rows++;
        unreadable += numbers == null ? 1 : 0;
    }

    private void putVector(float[] numbers, int v) {
        float most = 0;
        for (int d = 0; d < width; d++) {
            most = Math.max(most, Math.abs(numbers[v * width + d]));
        }
        float unit =
                most == 0 ? 1 : Math.scalb(1f, Math.max(Math.getExponent(most) - MOST_EXPONENT, Float.MIN_EXPONENT));
        record.putFloat(1 + Float.BYTES * v, unit);
        int at = halves() + Short.BYTES * v * width;
        for (int d = 0; d < width; d++) {
            record.putShort(at + Short.BYTES * d, Half.of(numbers[v * width + d] / unit));
        }
    }

    /** Where the halves of a record begin; padded, so that they lie on even places. */
    private int halves() {
        return record.capacity() - Integer.BYTES - Short.BYTES * vectors * width;
    }

    /**
     * The rows that there are now, mapped. They stay readable after this is closed, until they are collected as garbage.
     *
     * @throws IOException if the file cannot be mapped
     */
    Mapped map() throws IOException {
        return new Mapped();
    }

    /** Closes the file and lets go of the lock; may be called again. */
    @Override
    public void close() throws IOException {
        if (lock.isValid()) {
            lock.release();
        }
        file.close();
    }

    /** Closes the file and deletes it. */
    void delete() throws IOException {
        close();
        Files.deleteIfExists(path);
    }

    /** The rows of a file in memory that the system may take away and read again. */
    final class Mapped implements FeatureRows {

        private final int count = rows;
        private final int rowsPerSegment = (int) (LARGEST_SEGMENT / record.capacity());
        private final List<MappedByteBuffer> segments = new ArrayList<>();
        private final ThreadLocal<short[]> halves = ThreadLocal.withInitial(() -> new short[vectors * width]);

        private Mapped() throws IOException {
            for (int first = 0; first < count; first += rowsPerSegment) {
                int length = Math.min(rowsPerSegment, count - first);
                MappedByteBuffer segment = file.getChannel()
                        .map(
                                FileChannel.MapMode.READ_ONLY,
                                dataStart + (long) first * record.capacity(),
                                (long) length * record.capacity());
                segment.order(ByteOrder.LITTLE_ENDIAN);
                segments.add(segment);
            }
        }

        @Override
        public int rows() {
            return count;
        }

        @Override
        public int width() {
            return vectors * width;
        }

        /** Whether the row could be read. */
        boolean isRead(int row) {
            return segment(row).get(place(row)) == READ;
        }

        private MappedByteBuffer segment(int row) {
            return segments.get(row / rowsPerSegment);
        }

        private int place(int row) {
            return row % rowsPerSegment * record.capacity();
        }

        @Override
        public void read(int row, int numbers, double[] out, int at) {
            MappedByteBuffer segment = segment(row);
            int place = place(row);
            short[] some = halves.get();
            ShortBuffer from = segment.slice(place + halves(), Short.BYTES * numbers)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .asShortBuffer();
            from.get(some, 0, numbers);
            for (int v = 0; v * width < numbers; v++) {
                float unit = segment.getFloat(place + 1 + Float.BYTES * v);
                int end = Math.min(numbers, (v + 1) * width);
                for (int i = v * width; i < end; i++) {
                    out[at + i] = Half.toFloat(some[i]) * unit;
                }
            }
        }
    }
}
