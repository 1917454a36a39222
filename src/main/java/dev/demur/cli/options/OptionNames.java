package dev.demur.cli.options;

import dev.demur.readout.internal.DecisionTokenFinder;
import java.util.List;
import java.util.regex.Pattern;

/** A message of the library, whose advice names its methods, with the options of the command line in their place. */
public final class OptionNames {

    /** What stands for what, in an order in which no replacement meets another. */
    private record Name(Pattern java, String option) {

        static Name of(String java, String option) {
            return new Name(Pattern.compile(java), option);
        }
    }

    private static final List<Name> NAMES = List.of(
            Name.of(
                    Pattern.quote(DecisionTokenFinder.HOW_TO_MAP),
                    ", by --control-token ID=TEXT for each category and for respond"),
            Name.of("\\(HeadFitter\\)", "(demur fit --model FILE)"),
            Name.of("LoadOptions\\.withContextSize", "--ctx N"),
            Name.of("LoadOptions\\.withChatTemplate", "--chat-template NAME"),
            Name.of("LoadOptions\\.withLlama", "--llama PATH"),
            Name.of("LoadOptions\\.withReadout", "--readout NAME|FILE"),
            Name.of("LoadOptions\\.withDecider", "--decider FILE"),
            Name.of("LoadOptions\\.withWrittenRefusals", "--opening write"),
            Name.of("calibrate it \\(demur calibrate\\)", "calibrate it with demur calibrate"),
            Name.of("WatchedRate\\.falseRefusalAtMost", "--false-refusal RATE"),
            Name.of("a RefusalPolicy for them", "--policy FILE"),
            Name.of("PromptScorer with the temperature (\\S+)", "demur score --data FILE --out FILE --tau $1"),
            Name.of("PromptScorer", "demur score --data FILE --out FILE"));

    private OptionNames() {}

    /** The message for a person at the command line. */
    public static String in(String message) {
        String text = message;
        for (Name name : NAMES) {
            text = name.java.matcher(text).replaceAll(name.option);
        }
        return text;
    }
}
