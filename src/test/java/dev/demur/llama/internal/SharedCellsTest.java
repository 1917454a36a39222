package dev.demur.llama.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Cells against a book that keeps every one of them by name; {@code demur.test.seed} repeats a run. */
class SharedCellsTest {

    private static final long SEED = Long.getLong("demur.test.seed", System.nanoTime());

    @Test
    void a_shared_beginning_counts_once_for_as_long_as_anybody_holds_it() {
        SharedCells cells = new SharedCells(3);
        cells.resize(0, 100);
        cells.share(0, 1, 80);
        cells.share(1, 2, 60);
        assertEquals(100, cells.inUse());
        cells.resize(1, 90);
        assertEquals(110, cells.inUse());
        cells.resize(0, 0);
        assertEquals(90, cells.inUse());
        cells.resize(1, 0);
        assertEquals(60, cells.inUse());
        cells.resize(2, 0);
        assertEquals(0, cells.inUse());
    }

    @Test
    void any_order_of_growing_sharing_and_forgetting_is_counted() {
        Random random = new Random(SEED);
        int sequences = 5;
        SharedCells cells = new SharedCells(sequences);
        List<List<Integer>> held = new ArrayList<>();
        for (int i = 0; i < sequences; i++) {
            held.add(new ArrayList<>());
        }
        int made = 0;
        for (int step = 0; step < 20_000; step++) {
            int sequence = random.nextInt(sequences);
            List<Integer> mine = held.get(sequence);
            int other = random.nextInt(sequences);
            if (mine.isEmpty() && other != sequence) {
                int count = random.nextInt(held.get(other).size() + 1);
                cells.share(other, sequence, count);
                mine.addAll(held.get(other).subList(0, count));
            } else {
                int size = random.nextInt(4) == 0 ? 0 : Math.max(0, mine.size() + random.nextInt(200) - 100);
                cells.resize(sequence, size);
                while (mine.size() > size) {
                    mine.remove(mine.size() - 1);
                }
                while (mine.size() < size) {
                    mine.add(made++);
                }
            }
            Set<Integer> all = new HashSet<>();
            held.forEach(all::addAll);
            assertEquals(all.size(), cells.inUse(), "seed " + SEED);
        }
    }
}
