package dev.demur.cli.options;

import dev.demur.DemurException;
import dev.demur.GenerationOptions;
import dev.demur.cli.terminal.Decimal;
import dev.demur.grammar.Grammar;
import dev.demur.llama.Processing;
import dev.demur.llama.Sampling;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;

/** The options that say how the answer's text is drawn and where it ends. */
public final class SamplingOptions {

    /** One less than 32 bits hold: other programs take the last one for a random seed. */
    private static final long LAST_SEED = 0xffff_fffeL;

    /**
     * What ends the loops of a small model that writes greedily ({@code benchmarks/repetition} counts them). The library's own
     * default is none, so that an answer there is what the model itself finds likeliest.
     */
    public static final double REPEAT_PENALTY = 1.1;

    private SamplingOptions() {}

    public static void addTo(CommandSpec spec) {
        Sampling defaults = Sampling.GREEDY;
        spec.addOption(Options.value(
                        "--max-tokens",
                        "N",
                        "The most tokens of text (default: " + GenerationOptions.DEFAULTS.maxTokens() + ")."))
                .addOption(Options.value(
                        "--temperature",
                        "X",
                        "The temperature of sampling; 0 takes the likeliest token each time (default: 0). The decision is"
                                + " never sampled."))
                .addOption(
                        Options.value("--top-k", "N", "Sample from the N likeliest tokens; 0: from all (default: 0)."))
                .addOption(Options.value(
                        "--top-p", "P", "Sample from the likeliest tokens that add up to P (default: 1, from all)."))
                .addOption(Options.value(
                        "--min-p",
                        "P",
                        "Sample from tokens at least P times as likely as the likeliest (default: 0, from all)."))
                .addOption(Options.value(
                        "--repeat-penalty",
                        "X",
                        "Divides the logits of recent tokens, so that an answer does not run in circles; 0.1 to 10, 1 is none"
                                + " (default: " + Decimal.plain(REPEAT_PENALTY)
                                + "; 1 with --grammar, --json-schema or --processing in-graph)."))
                .addOption(
                        Options.value(
                                "--frequency-penalty",
                                "X",
                                "Subtracted from the logit of a recent token once for each time it occurred, -100 to 100 (default: 0)."))
                .addOption(Options.value(
                        "--presence-penalty",
                        "X",
                        "Subtracted from the logit of a recent token once, -100 to 100 (default: 0)."))
                .addOption(Options.value(
                        "--seed",
                        "N",
                        "The seed of the random numbers; the same seed gives the same text (default: "
                                + Integer.toUnsignedString(defaults.seed()) + ")."))
                .addOption(Options.repeatable("--stop", "TEXT", "Ends the answer before TEXT. May be repeated."))
                .addOption(Options.file(
                        "--grammar",
                        "FILE",
                        "A grammar in GBNF that the answer must follow; it begins with the rule root."))
                .addOption(Options.file(
                        "--json-schema",
                        "FILE",
                        "A JSON schema that the answer must fit; --max-tokens may still cut it. A keyword that is not"
                                + " supported is an error. Not together with --grammar."));
    }

    /**
     * What the options say, under the model's own policy.
     *
     * @throws DemurException if the file of the grammar or the JSON schema cannot be read or holds none
     */
    public static GenerationOptions from(Arguments arguments) {
        Sampling defaults = Sampling.GREEDY;
        Sampling sampling = Sampling.builder()
                .temperature(temperature(arguments))
                .topK((int) arguments.integer("--top-k", 0, Integer.MAX_VALUE, defaults.topK()))
                .topP(arguments.number("--top-p", 0, 1, defaults.topP()))
                .minP(arguments.number("--min-p", 0, 1, defaults.minP()))
                .repeatPenalty(arguments.number(
                        "--repeat-penalty", Sampling.LEAST_PENALTY, Sampling.MOST_PENALTY, repeatPenalty(arguments)))
                .frequencyPenalty(subtracted(arguments, "--frequency-penalty", defaults.frequencyPenalty()))
                .presencePenalty(subtracted(arguments, "--presence-penalty", defaults.presencePenalty()))
                .seed((int) arguments.integer("--seed", 0, LAST_SEED, Integer.toUnsignedLong(defaults.seed())))
                .build();
        int maxTokens =
                (int) arguments.integer("--max-tokens", 0, Integer.MAX_VALUE, GenerationOptions.DEFAULTS.maxTokens());
        return GenerationOptions.DEFAULTS
                .withSampling(sampling)
                .withMaxTokens(maxTokens)
                .withStopStrings(stopStrings(arguments))
                .withGrammar(grammar(arguments));
    }

    /** None where quotes and brackets must come again and again, or where it would keep the compute graph from being used. */
    private static double repeatPenalty(Arguments arguments) {
        boolean structured = arguments.has("--grammar") || arguments.has("--json-schema");
        boolean inGraph = Processing.IN_GRAPH.id().equals(arguments.text("--processing"));
        return structured || inGraph ? Sampling.GREEDY.repeatPenalty() : REPEAT_PENALTY;
    }

    private static @Nullable Grammar grammar(Arguments arguments) {
        Path file = arguments.path("--grammar");
        Path schema = arguments.path("--json-schema");
        if (file != null && schema != null) {
            throw new UsageException("--grammar and --json-schema exclude one another: an answer follows one of them");
        }
        if (schema != null) {
            return Grammar.readJsonSchema(schema);
        }
        return file == null ? null : Grammar.read(file);
    }

    private static List<String> stopStrings(Arguments arguments) {
        List<String> stops = arguments.texts("--stop");
        if (stops.contains("")) {
            throw new UsageException("--stop is empty: name the text that ends the answer");
        }
        if (stops.size() > GenerationOptions.MOST_STOP_STRINGS) {
            throw new UsageException("--stop is given " + stops.size() + " times: at most "
                    + GenerationOptions.MOST_STOP_STRINGS + " are looked for");
        }
        return stops;
    }

    private static double subtracted(Arguments arguments, String name, double otherwise) {
        return arguments.number(name, -Sampling.MOST_SUBTRACTED, Sampling.MOST_SUBTRACTED, otherwise);
    }

    /** The temperature that is asked for. */
    public static double temperature(Arguments arguments) {
        double temperature = arguments.number("--temperature", 0, Sampling.HOTTEST, Sampling.GREEDY.temperature());
        if (temperature > 0 && temperature < Sampling.COLDEST) {
            throw new UsageException("--temperature is '" + arguments.text("--temperature")
                    + "': it must be 0, for the likeliest token each time, or a number from "
                    + Decimal.plain(Sampling.COLDEST) + " to " + Decimal.plain(Sampling.HOTTEST));
        }
        return temperature;
    }
}
