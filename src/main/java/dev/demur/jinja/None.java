package dev.demur.jinja;

/** Python's None. */
enum None implements Value {
    NONE;

    @Override
    public String type() {
        return "NoneType";
    }

    @Override
    public boolean truth() {
        return false;
    }
}
