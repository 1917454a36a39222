package dev.demur.fit;

/** Rows in memory. */
record MemoryRows(double[][] numbers) implements FeatureRows {

    @Override
    public int rows() {
        return numbers.length;
    }

    @Override
    public int width() {
        return numbers[0].length;
    }

    @Override
    public void read(int row, int count, double[] out, int at) {
        System.arraycopy(numbers[row], 0, out, at, count);
    }
}
