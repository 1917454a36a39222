package dev.demur.jinja;

/** What {@code namespace()} makes: names that keep their values across scopes. */
final class Namespace implements Value {

    private final Dict names = new Dict();

    Dict names() {
        return names;
    }

    @Override
    public String type() {
        return "Namespace";
    }

    @Override
    public boolean truth() {
        return true;
    }
}
