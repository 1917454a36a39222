package dev.demur.benchmarks.lists;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.PrintStream;
import java.util.Map;

/** What was measured, as text for a person, which is written as it comes, and as JSON for a program. */
final class Report {

    private static final int WIDTH = 46;

    private final PrintStream out;
    private final JsonObject json = new JsonObject();
    private JsonObject section = json;

    Report(PrintStream out) {
        this.out = out;
    }

    /** Begins a part; what follows belongs to it. */
    void section(String name, String title) {
        section = new JsonObject();
        json.add(name, section);
        out.println("\n" + title);
    }

    /** Something that only a program reads. */
    void only(String name, JsonElement value) {
        section.add(name, value);
    }

    /** A line that only a person reads. */
    void note(String line) {
        out.println("  " + line);
    }

    void line(String words, String value) {
        out.println("  " + words + " ".repeat(Math.max(1, WIDTH - words.length())) + value);
    }

    void number(String name, String words, double value) {
        section.addProperty(name, value);
        line(words, Numbers.text(value));
    }

    void text(String name, String words, String value) {
        section.addProperty(name, value);
        line(words, value);
    }

    void count(String name, String words, Count count) {
        section.add(name, count.json());
        line(words, count.toString());
    }

    /** Groups of what counts and nothing else. */
    void tally(String name, String words, Map<String, Count> groups) {
        JsonObject counts = new JsonObject();
        StringBuilder text = new StringBuilder();
        groups.forEach((group, count) -> {
            if (count.count() > 0) {
                counts.addProperty(group, count.count());
                text.append(text.isEmpty() ? "" : ", ").append(group).append(' ').append(count.count());
            }
        });
        section.add(name, counts);
        line(words, text.isEmpty() ? "none" : text.toString());
    }

    void groups(String name, String words, Map<String, Count> groups) {
        section.add(name, Count.json(groups));
        line(words, Count.line(groups));
    }

    String asJson() {
        return new GsonBuilder()
                        .setPrettyPrinting()
                        .disableHtmlEscaping()
                        .serializeSpecialFloatingPointValues()
                        .create()
                        .toJson(json)
                + "\n";
    }
}
