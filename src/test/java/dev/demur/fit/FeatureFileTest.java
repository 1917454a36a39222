package dev.demur.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NullMarked
class FeatureFileTest {

    private static final int VECTORS = 3;
    private static final int WIDTH = 7;
    private static final String KEY = "the model: a\nthe prompts: b\n";

    /** Of a half, which has 11 bits. */
    private static final double RELATIVE_ERROR = 0x1p-11;

    @TempDir
    private Path folder = Path.of("unset");

    private Path file() {
        return folder.resolve("h.features");
    }

    private FeatureFile open() throws IOException {
        return FeatureFile.open(file(), KEY, VECTORS, WIDTH);
    }

    private static float[] row(int number, float size) {
        Random random = new Random(number);
        float[] row = new float[VECTORS * WIDTH];
        for (int i = 0; i < row.length; i++) {
            row[i] = (float) random.nextGaussian() * size;
        }
        return row;
    }

    private void assertHolds(FeatureFile file, int row, float[] numbers) throws IOException {
        double[] read = new double[numbers.length + 1];
        file.map().read(row, numbers.length, read, 1);
        for (int v = 0; v < VECTORS; v++) {
            double most = 0;
            for (int d = 0; d < WIDTH; d++) {
                most = Math.max(most, Math.abs(numbers[v * WIDTH + d]));
            }
            for (int d = 0; d < WIDTH; d++) {
                float number = numbers[v * WIDTH + d];
                double tolerance = Math.abs(number) * RELATIVE_ERROR + most * 0x1p-38;
                assertEquals(number, read[1 + v * WIDTH + d], tolerance, "row " + row);
            }
        }
    }

    @Test
    void holds_numbers_of_every_size() throws IOException {
        try (FeatureFile file = open()) {
            float[] mixed = row(1, 1);
            mixed[0] = 3e6f;
            mixed[WIDTH] = 1e-30f;
            float[][] rows = {row(0, 1), mixed, row(2, 1e9f), row(3, 1e-12f), new float[VECTORS * WIDTH]};
            for (float[] row : rows) {
                file.add(row);
            }
            for (int i = 0; i < rows.length; i++) {
                assertHolds(file, i, rows[i]);
            }
        }
    }

    @Test
    void every_half_is_read_back_as_itself() {
        for (int half = 0; half <= 0xffff; half++) {
            if ((half & 0x7c00) != 0x7c00) {
                assertEquals((short) half, Half.of(Half.toFloat((short) half)));
            }
        }
        assertEquals(1.5f, Half.toFloat((short) 0x3e00));
        assertEquals(-65504f, Half.toFloat((short) 0xfbff));
        assertEquals(0x1p-24f, Half.toFloat((short) 1));
        assertEquals((short) 0x3c00, Half.of(1 + 0x1p-11f), "a tie goes to even");
        assertEquals((short) 0x3c02, Half.of(1 + 3 * 0x1p-11f), "a tie goes to even");
    }

    @Test
    void goes_on_after_the_last_whole_row_wherever_it_was_cut() throws IOException {
        long[] ends = new long[3];
        try (FeatureFile file = open()) {
            for (int i = 0; i < ends.length; i++) {
                file.add(i == 1 ? null : row(i, 1));
                ends[i] = Files.size(file());
            }
        }
        byte[] whole = Files.readAllBytes(file());
        for (int length = 0; length <= whole.length; length++) {
            Files.write(file(), Arrays.copyOf(whole, length));
            int cut = length;
            int rows = (int) Arrays.stream(ends).filter(end -> end <= cut).count();
            try (FeatureFile file = open()) {
                assertEquals(rows, file.rows(), "of " + length + " bytes");
                assertFalse(file.wasDamaged());
                for (int i = rows; i < ends.length; i++) {
                    file.add(i == 1 ? null : row(i, 1));
                }
                assertEquals(1, file.unreadable());
                assertFalse(file.map().isRead(1));
                assertTrue(file.map().isRead(2));
            }
            assertEquals(-1, Arrays.mismatch(whole, Files.readAllBytes(file())));
        }
    }

    @Test
    void throws_away_what_follows_a_damaged_byte() throws IOException {
        long start;
        long end;
        try (FeatureFile file = open()) {
            start = Files.size(file());
            for (int i = 0; i < 3; i++) {
                file.add(row(i, 1));
            }
            end = Files.size(file());
        }
        byte[] whole = Files.readAllBytes(file());
        long record = (end - start) / 3;
        for (int at = (int) (start + record); at < start + 2 * record; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= 0x10;
            Files.write(file(), damaged);
            try (FeatureFile file = open()) {
                assertEquals(1, file.rows());
                assertTrue(file.wasDamaged());
            }
        }
    }

    @Test
    void another_runs_file_is_an_error_that_says_what_differs() throws IOException {
        open().close();
        String message = assertThrows(
                        DemurException.class, () -> FeatureFile.open(file(), KEY.replace("a\n", "c\n"), VECTORS, WIDTH))
                .getMessage();
        assertTrue(message.contains("begun otherwise (the model)"), message);
        Files.writeString(file(), "What somebody wrote, longer than any header that this has\n".repeat(20));
        String foreign = assertThrows(DemurException.class, this::open).getMessage();
        assertTrue(foreign.contains("holds no features"), foreign);
    }

    @Test
    void two_runs_do_not_write_one_file() throws IOException {
        try (FeatureFile file = open()) {
            assertThrows(DemurException.class, this::open);
            file.add(row(0, 1));
        }
        try (FeatureFile file = open()) {
            assertEquals(1, file.rows());
            file.delete();
        }
        assertFalse(Files.exists(file()));
    }
}
