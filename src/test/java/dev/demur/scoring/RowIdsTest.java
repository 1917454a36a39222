package dev.demur.scoring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RowIdsTest {

    @Test
    void an_id_is_new_once_scored_once_and_repeated_from_then_on() {
        RowIds ids = new RowIds();
        assertEquals(true, ids.addScored("a"));
        assertEquals(false, ids.addScored("a"));
        assertEquals(RowIds.State.SCORED, ids.read("a"));
        assertEquals(RowIds.State.REPEATED, ids.read("a"));
        assertEquals(RowIds.State.NEW, ids.read("b"));
        assertEquals(RowIds.State.REPEATED, ids.read("b"));
    }

    @Test
    void any_number_of_ids_is_told_apart_as_a_map_tells_them() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        RowIds ids = new RowIds();
        Map<String, Boolean> read = new HashMap<>();
        for (int i = 0; i < 200_000; i++) {
            String id = "row " + random.nextInt(100_000);
            if (i < 50_000) {
                assertEquals(read.put(id, false) == null, ids.addScored(id), "seed " + seed);
            } else {
                Boolean before = read.put(id, true);
                RowIds.State expected =
                        before == null ? RowIds.State.NEW : before ? RowIds.State.REPEATED : RowIds.State.SCORED;
                assertEquals(expected, ids.read(id), "seed " + seed);
            }
        }
    }
}
