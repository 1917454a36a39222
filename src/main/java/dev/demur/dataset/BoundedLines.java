package dev.demur.dataset;

import dev.demur.arguments.Given;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The lines of a UTF-8 file; one that is too long is skipped without being held, or ends the reading. */
public final class BoundedLines implements Closeable {

    /** More than any context holds. */
    static final int LONGEST = 8 << 20;

    private static final int BUFFER = 1 << 16;
    private static final byte[] BYTE_ORDER_MARK = {(byte) 0xef, (byte) 0xbb, (byte) 0xbf};

    private final InputStream in;
    private final boolean skipping;
    private final byte[] buffer = new byte[BUFFER];
    private int at;
    private int end;
    private byte[] line = new byte[BUFFER];
    private int length;
    private long number;
    private long position;
    private boolean ended;

    /** The lines of these bytes, which closing this closes. */
    public BoundedLines(InputStream in) {
        this(in, true);
    }

    /**
     * The lines of these bytes, which closing this closes.
     *
     * @param skipping whether what is too long is read to its end, which of a device may never come, so that the next call
     *     goes on after it
     */
    public BoundedLines(InputStream in, boolean skipping) {
        this.in = Given.value(in, "in");
        this.skipping = skipping;
    }

    /** The number of the line that was returned or refused last, from 1. */
    public long number() {
        return number;
    }

    /** How many bytes of the file that line and those before it take. */
    public long position() {
        return position;
    }

    /** Whether that line has a line feed; only the last one may lack it. */
    public boolean ended() {
        return ended;
    }

    /**
     * The next line without its end ({@code \n} or {@code \r\n}).
     *
     * @return null at the end of the file
     * @throws BadRowException if the line is too long or not UTF-8; the next call goes on after it
     */
    @Nullable
    public String next() throws IOException {
        long start = position;
        length = 0;
        ended = false;
        boolean tooLong = false;
        while (!ended && (skipping || !tooLong) && (at < end || fill())) {
            int stop = at;
            while (stop < end && buffer[stop] != '\n') {
                stop++;
            }
            tooLong |= !append(stop);
            ended = stop < end;
            int next = ended ? stop + 1 : stop;
            position += next - at;
            at = next;
        }
        if (position == start) {
            return null;
        }
        number++;
        if (tooLong) {
            throw new BadRowException(number, "the line is longer than " + (LONGEST >> 20) + " MiB");
        }
        return decode();
    }

    private boolean fill() throws IOException {
        at = 0;
        end = Math.max(0, in.read(buffer, 0, buffer.length));
        return end > 0;
    }

    /** Takes the buffer's bytes up to {@code stop}; false where the line gets too long with them. */
    private boolean append(int stop) {
        int count = stop - at;
        if (length + count > LONGEST) {
            return false;
        }
        if (length + count > line.length) {
            line = Arrays.copyOf(line, Math.min(LONGEST, Math.max(2 * line.length, length + count)));
        }
        System.arraycopy(buffer, at, line, length, count);
        length += count;
        return true;
    }

    private String decode() {
        int from = number == 1 && startsWithMark() ? BYTE_ORDER_MARK.length : 0;
        int to = length > from && line[length - 1] == '\r' ? length - 1 : length;
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line, from, to - from))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new BadRowException(number, "the line is not UTF-8 text");
        }
    }

    private boolean startsWithMark() {
        return length >= BYTE_ORDER_MARK.length
                && Arrays.equals(line, 0, BYTE_ORDER_MARK.length, BYTE_ORDER_MARK, 0, BYTE_ORDER_MARK.length);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
