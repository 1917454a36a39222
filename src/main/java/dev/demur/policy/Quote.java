package dev.demur.policy;

import com.google.gson.JsonPrimitive;

/** Foreign text in messages: quoted, on one line, of bounded length. */
final class Quote {

    private static final int LONGEST = 80;

    private Quote() {}

    static String of(String text) {
        return new JsonPrimitive(cut(text)).toString();
    }

    /** The same without the quotation marks, for the names of fields. */
    static String bare(String text) {
        String quoted = of(text);
        return quoted.substring(1, quoted.length() - 1);
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "…";
    }
}
