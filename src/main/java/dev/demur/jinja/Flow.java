package dev.demur.jinja;

/** How execution goes on behind a statement. */
enum Flow {
    /** With the next statement. */
    NEXT,
    /** Behind the innermost loop. */
    BREAK,
    /** With the innermost loop's next item. */
    CONTINUE
}
