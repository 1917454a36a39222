package dev.demur.dataset;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BoundedLinesTest {

    private static BoundedLines of(String text) {
        return new BoundedLines(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void lines_end_at_line_feeds_with_or_without_a_carriage_return_and_at_the_end() throws IOException {
        BoundedLines lines = of("a\r\n\n\u00e4\nlast");
        assertEquals("a", lines.next());
        assertTrue(lines.ended());
        assertEquals(3, lines.position());
        assertEquals("", lines.next());
        assertEquals("\u00e4", lines.next());
        assertEquals(7, lines.position());
        assertEquals("last", lines.next());
        assertEquals(4, lines.number());
        assertFalse(lines.ended());
        assertEquals(11, lines.position());
        assertNull(lines.next());
    }

    @Test
    void a_byte_order_mark_is_no_part_of_the_first_line() throws IOException {
        BoundedLines lines = of("\ufeffa\n\ufeffb\n");
        assertEquals("a", lines.next());
        assertEquals("\ufeffb", lines.next());
    }

    @Test
    void a_line_that_is_not_utf_8_is_refused_by_its_number_and_the_next_one_is_read() throws IOException {
        byte[] bytes = "a\nb?\nc".getBytes(StandardCharsets.ISO_8859_1);
        bytes[3] = (byte) 0xff;
        BoundedLines lines = new BoundedLines(new ByteArrayInputStream(bytes));
        assertEquals("a", lines.next());
        assertEquals(2, assertThrows(BadRowException.class, lines::next).line());
        assertTrue(lines.ended());
        assertEquals("c", lines.next());
    }

    @Test
    void a_line_far_beyond_the_bound_is_refused_and_the_next_one_is_read() throws IOException {
        long huge = 40L * BoundedLines.LONGEST;
        InputStream endless = new InputStream() {
            private long left = huge;

            @Override
            public int read() {
                return left-- > 0 ? 'x' : -1;
            }

            @Override
            public int read(byte[] buffer, int from, int length) {
                int count = (int) Math.min(left, length);
                left -= count;
                return count == 0 ? -1 : count; // whatever the buffer holds, it is no line feed
            }
        };
        InputStream after = new ByteArrayInputStream("\nnext\n".getBytes(StandardCharsets.UTF_8));
        BoundedLines lines = new BoundedLines(new SequenceInputStream(endless, after));
        assertEquals(1, assertThrows(BadRowException.class, lines::next).line());
        assertEquals("next", lines.next());
    }

    @Test
    void a_line_may_have_exactly_as_many_bytes_as_are_allowed() throws IOException {
        String longest = "x".repeat(BoundedLines.LONGEST);
        BoundedLines lines = of(longest + "\n" + longest + "y\nz");
        assertEquals(longest, lines.next());
        assertThrows(BadRowException.class, lines::next);
        assertEquals("z", lines.next());
    }

    @Test
    void texts_at_random_come_back_as_they_were_written() throws IOException {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int round = 0; round < 50; round++) {
            StringBuilder text = new StringBuilder();
            int count = random.nextInt(20);
            String[] written = new String[count];
            for (int i = 0; i < count; i++) {
                written[i] = "\u20ac".repeat(random.nextInt(3) == 0 ? random.nextInt(60_000) : random.nextInt(9));
                text.append(written[i]).append('\n');
            }
            BoundedLines lines = of(text.toString());
            for (String line : written) {
                assertEquals(line, lines.next(), "seed " + seed);
            }
            assertNull(lines.next(), "seed " + seed);
            assertEquals(text.toString().getBytes(StandardCharsets.UTF_8).length, lines.position(), "seed " + seed);
        }
    }
}
