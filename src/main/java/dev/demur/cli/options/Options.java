package dev.demur.cli.options;

import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The kinds of options that commands have. Values stay text here; {@link Arguments} reads and checks them. */
public final class Options {

    private Options() {}

    /** {@code --help} and {@code --version}, which every command has; settings that make every help look alike. */
    public static void addStandard(CommandSpec spec) {
        spec.addOption(OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Shows this help.")
                .build());
        spec.addOption(OptionSpec.builder("-V", "--version")
                .versionHelp(true)
                .description("Shows the version.")
                .build());
        spec.usageMessage()
                .sortOptions(false)
                .abbreviateSynopsis(true)
                .parameterListHeading("%n")
                .optionListHeading("%nOptions:%n");
    }

    /** An option with a value. */
    public static OptionSpec value(String name, String label, String... description) {
        return builder(name, label, description).type(String.class).build();
    }

    /** An option with one of a few values, which completion offers. */
    public static OptionSpec choice(String name, String label, List<String> values, String... description) {
        return builder(name, label, description)
                .type(String.class)
                .completionCandidates(values)
                .build();
    }

    /** An option with the name of a file, which completion offers. */
    public static OptionSpec file(String name, String label, String... description) {
        return builder(name, label, description)
                .type(Path.class)
                .converters(new AsText())
                .build();
    }

    /** An option that may be given several times, with a value each. */
    public static OptionSpec repeatable(String name, String label, String... description) {
        return builder(name, label, description)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .build();
    }

    /** An option without a value. */
    public static OptionSpec flag(String name, String... description) {
        return OptionSpec.builder(name)
                .type(boolean.class)
                .arity("0")
                .description(description)
                .build();
    }

    private static OptionSpec.Builder builder(String name, String label, String... description) {
        return OptionSpec.builder(name).paramLabel(label).arity("1").description(description);
    }

    /**
     * Leaves a value as it is: what picocli would say of a text that is no file name has no advice, and {@link Arguments}
     * says it. A class, because a lambda for an interface of picocli's old class files is made anew at every start.
     */
    public static final class AsText implements ITypeConverter<String> {
        @Override
        public String convert(String value) {
            return value;
        }
    }
}
