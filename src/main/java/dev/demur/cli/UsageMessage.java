package dev.demur.cli;

import dev.demur.cli.options.FileContent;
import dev.demur.cli.terminal.Nearest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.MaxValuesExceededException;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.OverwrittenOptionException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What is wrong with a command line that picocli could not parse, in words that say what to do. */
final class UsageMessage {

    /** How many letters a typing error changes at most. */
    private static final int NEAR = 2;

    private UsageMessage() {}

    static String of(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched) {
            return unmatched(unmatched);
        }
        if (e instanceof MissingParameterException missing
                && !missing.getMissing().isEmpty()
                && missing.getMissing().get(0) instanceof OptionSpec option) {
            return option.longestName() + " needs a value: " + option.longestName() + " " + option.paramLabel();
        }
        if (e instanceof OverwrittenOptionException twice && twice.getOverwritten() instanceof OptionSpec option) {
            return option.longestName() + " is given twice: give it once";
        }
        return e instanceof MaxValuesExceededException ? valueOfFlag(e) : String.valueOf(e.getMessage());
    }

    /** picocli names the option in its sentence only. */
    private static String valueOfFlag(ParameterException e) {
        String message = String.valueOf(e.getMessage());
        for (OptionSpec option : e.getCommandLine().getCommandSpec().options()) {
            if (option.arity().max() == 0 && message.contains("'" + option.longestName() + "'")) {
                return option.longestName() + " takes no value: give it alone";
            }
        }
        return message;
    }

    private static String unmatched(UnmatchedArgumentException e) {
        String argument = e.getUnmatched().get(0);
        CommandSpec spec = e.getCommandLine().getCommandSpec();
        boolean isRoot = spec.parent() == null;
        if (e.isUnknownOption()) {
            List<String> near = near(argument, spec.optionsMap().keySet());
            String advice = isRoot
                    ? ": a command's options come after it"
                    : ": put -- before an argument that begins with a dash";
            return "unknown option '" + argument + "'" + (near.isEmpty() ? advice : didYouMean(near));
        }
        if (isRoot) {
            List<String> near = near(argument, spec.subcommands().keySet());
            String advice = ": it is one of " + Commands.NAMES;
            return "unknown command '" + argument + "'" + (near.isEmpty() ? advice : didYouMean(near));
        }
        String advice = Stream.concat(given(spec), Stream.of(argument)).anyMatch(FileContent::namesModel)
                ? "give a model by --model FILE"
                : "put a text with spaces in quotes";
        return "'" + argument + "' is one argument too many: " + advice;
    }

    private static Stream<String> given(CommandSpec spec) {
        return spec.positionalParameters().stream().flatMap(given -> given.stringValues().stream());
    }

    private static String didYouMean(List<String> near) {
        return ": did you mean " + String.join(" or ", near) + "?";
    }

    private static List<String> near(String typed, Collection<String> names) {
        int equals = typed.indexOf('=');
        String name = equals < 0 ? typed : typed.substring(0, equals);
        List<String> near = new ArrayList<>();
        for (String candidate : names) {
            if (candidate.length() > NEAR && Nearest.mistakes(name, candidate) <= NEAR) {
                near.add(candidate);
            }
        }
        return near;
    }
}
