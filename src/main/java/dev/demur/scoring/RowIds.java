package dev.demur.scoring;

import dev.demur.DemurException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The ids of a data set: which of them are scored already, and which have been read.
 *
 * <p>Holds 126 bits of each id's SHA-256 in an open table, 22 to 43 bytes a row and half as much again while the table
 * grows, however long the ids are. That two ids fall together has, at a billion rows, a probability below 10<sup>-20</sup>.
 */
final class RowIds {

    /** What is known of an id when it is read from the data. */
    enum State {
        /** It was neither scored nor read before. */
        NEW,
        /** It is scored already. */
        SCORED,
        /** It was read before: the data has it twice. */
        REPEATED
    }

    private static final int FIRST_CAPACITY = 1 << 10;
    private static final int QUARTERS = 4;

    /** The lowest bit of an entry's first half: whether the id was read; the rest of both halves is the hash. */
    private static final long READ = 1;

    private final MessageDigest digest;
    private long[] table = new long[2 * FIRST_CAPACITY]; // two halves each; all zero: free
    private int size;

    RowIds() {
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    /** Notes an id that is scored already; false if it was noted before. */
    boolean addScored(String id) {
        int before = size;
        find(id);
        return size > before;
    }

    /** Notes an id as read from the data, and tells what was known of it. */
    State read(String id) {
        int before = size;
        int at = find(id);
        boolean again = (table[at] & READ) != 0;
        table[at] |= READ;
        return again ? State.REPEATED : size > before ? State.NEW : State.SCORED;
    }

    /** Where the id's entry is, made if there was none. */
    private int find(String id) {
        ByteBuffer hash = ByteBuffer.wrap(digest.digest(id.getBytes(StandardCharsets.UTF_8)));
        long first = hash.getLong() & ~READ;
        long second = hash.getLong() | 1; // never zero, so that an entry is not taken for free
        int at = slot(table, first, second);
        if (table[at + 1] == 0) {
            if (QUARTERS * (size + 1L) > 3L * (table.length / 2)) {
                grow();
                at = slot(table, first, second);
            }
            table[at] = first;
            table[at + 1] = second;
            size++;
        }
        return at;
    }

    private static int slot(long[] table, long first, long second) {
        int mask = table.length / 2 - 1;
        int entry = (int) (second >>> 32) & mask;
        while (table[2 * entry + 1] != 0 && ((table[2 * entry] & ~READ) != first || table[2 * entry + 1] != second)) {
            entry = (entry + 1) & mask;
        }
        return 2 * entry;
    }

    private void grow() {
        if (table.length > Integer.MAX_VALUE / 2) {
            throw new DemurException("the data has more than " + size + " rows: score it in parts");
        }
        long[] grown = new long[2 * table.length];
        for (int at = 0; at < table.length; at += 2) {
            if (table[at + 1] != 0) {
                int to = slot(grown, table[at] & ~READ, table[at + 1]);
                grown[to] = table[at];
                grown[to + 1] = table[at + 1];
            }
        }
        table = grown;
    }
}
