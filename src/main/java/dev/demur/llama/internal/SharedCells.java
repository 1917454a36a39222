package dev.demur.llama.internal;

import java.util.Arrays;

/**
 * How many cells of a context's memory are in use. A cell holds one token; sequences that share a beginning hold it in the same
 * cells, which then count once. For the context's thread.
 */
final class SharedCells {

    /** By sequence and position: a number for the cell, while it is in use that of no other. */
    private final int[][] cells;

    private final int[] sizes;

    /** By cell: how many sequences hold it. */
    private int[] holders = new int[64];

    /** Numbers of cells that nobody holds any more; the rest of the array is unused. */
    private int[] free = new int[64];

    private int freeCount;
    private int numbered;
    private int inUse;

    SharedCells(int sequences) {
        this.cells = new int[sequences][64];
        this.sizes = new int[sequences];
    }

    /** How many are in use. */
    int inUse() {
        return inUse;
    }

    /** A sequence holds as many tokens now: the first ones in their cells, more in new ones. */
    void resize(int sequence, int size) {
        while (sizes[sequence] > size) {
            release(cells[sequence][--sizes[sequence]]);
        }
        while (sizes[sequence] < size) {
            add(sequence, take());
        }
    }

    /** An empty sequence holds the first tokens of another in the same cells. */
    void share(int from, int to, int count) {
        for (int i = 0; i < count; i++) {
            add(to, cells[from][i]);
        }
    }

    private void add(int sequence, int cell) {
        if (sizes[sequence] == cells[sequence].length) {
            cells[sequence] = Arrays.copyOf(cells[sequence], 2 * sizes[sequence]);
        }
        cells[sequence][sizes[sequence]++] = cell;
        inUse += holders[cell]++ == 0 ? 1 : 0;
    }

    private int take() {
        if (freeCount > 0) {
            return free[--freeCount];
        }
        if (numbered == holders.length) {
            holders = Arrays.copyOf(holders, 2 * numbered);
        }
        return numbered++;
    }

    private void release(int cell) {
        if (--holders[cell] > 0) {
            return;
        }
        inUse--;
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, 2 * freeCount);
        }
        free[freeCount++] = cell;
    }
}
