package dev.demur.jinja;

/**
 * A piece of a template.
 *
 * @param kind what it is
 * @param text the text itself, a name, an operator, or the content of a string
 * @param line where it begins, counted from 1
 */
record Token(Kind kind, String text, int line) {

    /** What a piece of a template is. */
    enum Kind {
        DATA,
        VARIABLE_BEGIN,
        VARIABLE_END,
        BLOCK_BEGIN,
        BLOCK_END,
        NAME,
        STRING,
        INTEGER,
        FLOAT,
        OPERATOR,
        END
    }

    boolean is(Kind wanted, String wantedText) {
        return kind == wanted && text.equals(wantedText);
    }

    /** How a message names it. */
    String shown() {
        return switch (kind) {
            case END -> "the end of the template";
            case VARIABLE_END -> "'}}'";
            case BLOCK_END -> "'%}'";
            case DATA -> "text";
            case STRING -> "the string '" + text + "'";
            default -> "'" + text + "'";
        };
    }
}
