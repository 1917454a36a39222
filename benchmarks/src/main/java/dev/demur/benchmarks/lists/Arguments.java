package dev.demur.benchmarks.lists;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;

/** What was asked for on the command line. */
final class Arguments {

    static final String USAGE = """
            benchmarks/lists [--model FILE] [--readout WHAT] [--policy FILE] [--llama FILE] [--threads N]
                             [--lists FOLDER] [--only NAME[,NAME]] [--rewordings NAME[,NAME]]
                             [--data FILE]... [--rows N] [--longest N]
                             [--max-tokens N] [--repeat-penalty P] [--json FILE] [--answers FILE]

            Measures a model, with its own policy or with --policy, on the lists of training/.

              --model FILE          the model; models/demur-small.gguf
              --readout WHAT        what decides: a head file, or tokens
              --threads N           threads that compute; 2
              --only NAMES          of everyday, turns, distress, nearmisses, reasons, rewordings and data; all of them
              --rewordings NAMES    the harmless rewordings to try; all of them
              --data FILE           labelled prompts (JSONL) to reword besides; any number of times
              --rows N              at most so many of each --data, spread over the file; all of them
              --longest N           leaves out prompts of --data with more characters; 4000
              --max-tokens N        the most tokens of a reply to an everyday message; 96; 0: decisions alone
              --repeat-penalty P    of these replies; 1.1
              --json FILE           writes all that was measured, with the ids of the rows
              --answers FILE        writes the replies to the everyday messages, an object a line
            """;

    static final Set<String> PARTS =
            new LinkedHashSet<>(List.of("everyday", "turns", "distress", "nearmisses", "reasons", "rewordings", "data"));

    Path model = Path.of("models", "demur-small.gguf");
    String readout;
    Path policy;
    Path llama;
    int threads = 2;
    Path lists = Path.of("training");
    Set<String> only = PARTS;
    List<Rewording> rewordings = List.of(Rewording.values());
    final List<Path> data = new ArrayList<>();
    int rows = Integer.MAX_VALUE;
    int longest = 4000;
    int maxTokens = 96;
    double repeatPenalty = 1.1;
    Path json;
    Path answers;

    private Arguments() {}

    /**
     * Reads them.
     *
     * @throws IllegalArgumentException if one is unknown, lacks its value or has one that means nothing
     */
    static Arguments parse(String[] given) {
        Arguments arguments = new Arguments();
        for (int i = 0; i < given.length; i += 2) {
            if (i + 1 == given.length) {
                throw new IllegalArgumentException(given[i] + " is no option, or lacks its value");
            }
            arguments.set(given[i], given[i + 1]);
        }
        return arguments;
    }

    private void set(String option, String value) {
        switch (option) {
            case "--model" -> model = Path.of(value);
            case "--readout" -> readout = value;
            case "--policy" -> policy = Path.of(value);
            case "--llama" -> llama = Path.of(value);
            case "--threads" -> threads = whole(option, value, 1);
            case "--lists" -> lists = Path.of(value);
            case "--only" -> only = new LinkedHashSet<>(each(option, value, List.copyOf(PARTS), name -> name));
            case "--rewordings" -> rewordings =
                    each(option, value, List.of(Rewording.values()), Rewording::id);
            case "--data" -> data.add(Path.of(value));
            case "--rows" -> rows = whole(option, value, 1);
            case "--longest" -> longest = whole(option, value, 1);
            case "--max-tokens" -> maxTokens = whole(option, value, 0);
            case "--repeat-penalty" -> repeatPenalty = number(option, value);
            case "--json" -> json = Path.of(value);
            case "--answers" -> answers = Path.of(value);
            default -> throw new IllegalArgumentException("there is no option " + option);
        }
    }

    private static <T> List<T> each(String option, String value, List<T> known, Function<T, String> id) {
        List<T> found = new ArrayList<>();
        for (String name : value.split(",")) {
            found.add(known.stream()
                    .filter(one -> id.apply(one).equals(name.strip().toLowerCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            option + " " + name + ": it is one of " + known.stream().map(id).toList())));
        }
        return found;
    }

    private static int whole(String option, String value, int least) {
        int number = (int) number(option, value);
        if (number < least || number != number(option, value)) {
            throw new IllegalArgumentException(option + " " + value + ": it is a whole number of " + least + " or more");
        }
        return number;
    }

    private static double number(String option, String value) {
        try {
            return Double.parseDouble(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(option + " " + value + " is no number", e);
        }
    }

    /** Whether one of these parts was asked for. */
    boolean wants(String... parts) {
        return Arrays.stream(parts).anyMatch(only::contains);
    }
}
