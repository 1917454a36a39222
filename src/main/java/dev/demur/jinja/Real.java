package dev.demur.jinja;

/**
 * A floating-point number.
 *
 * @param value in double precision
 * @param mark where it comes from, as a text's
 */
record Real(double value, int mark) implements Value {

    @Override
    public String type() {
        return "float";
    }

    @Override
    public boolean truth() {
        return value != 0;
    }
}
