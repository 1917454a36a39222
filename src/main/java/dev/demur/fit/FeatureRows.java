package dev.demur.fit;

/** Rows of numbers, one for each prompt. Safe for several threads. */
interface FeatureRows {

    int rows();

    /** How many numbers a row has. */
    int width();

    /** Copies the first {@code count} numbers of a row to {@code out}, from {@code at} on. */
    void read(int row, int count, double[] out, int at);
}
