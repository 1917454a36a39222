package dev.demur.jinja;

/** True or false. */
enum Bool implements Value {
    TRUE,
    FALSE;

    static Bool of(boolean value) {
        return value ? TRUE : FALSE;
    }

    @Override
    public String type() {
        return "bool";
    }

    @Override
    public boolean truth() {
        return this == TRUE;
    }
}
