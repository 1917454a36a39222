package dev.demur.cli.ask;

import dev.demur.Conversation;
import dev.demur.Demur;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.calibration.Provenance;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.ChosenPolicy;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.ModelOptions;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.PolicyCheck;
import dev.demur.cli.options.PolicyOptions;
import dev.demur.cli.options.SamplingOptions;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Patience;
import dev.demur.cli.terminal.Terminal;
import java.nio.file.Path;
import picocli.CommandLine.Model.CommandSpec;

/** {@code demur chat}: a conversation, line by line. */
public final class ChatCommand implements Command {

    @Override
    public String name() {
        return "chat";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Holds a conversation, and answers or refuses each message of it.")
                .description(
                        "",
                        "Reads one message a line (a pasted text is one message), decides about it, and writes the answer or the"
                                + " refusal to standard output. Lines that begin with / are commands, such as /why for the"
                                + " numbers of the last decision; /help lists them. Ctrl-C ends an answer, Ctrl-D the chat.")
                .footer(
                        "",
                        "Examples:",
                        "  demur chat",
                        "  demur chat --policy policy.json --system \"Be brief.\"",
                        "  printf 'How do I boil an egg?\\n/why\\n' | demur chat",
                        "",
                        "Exit status: 0 at the end of the conversation; 1 failure at run time, or of a",
                        "line from a pipe or file; 2 wrong usage.");
        PolicyOptions.addTo(spec);
        spec.addOption(Options.value("--system", "TEXT", "A system message before the conversation."));
        SamplingOptions.addTo(spec);
        ModelOptions.addTo(spec);
        return spec;
    }

    @Override
    public boolean endsItself() {
        return true;
    }

    @Override
    public int run(Arguments arguments, Terminal terminal) {
        ModelOptions modelOptions = ModelOptions.from(arguments);
        PolicyOptions policyOptions = PolicyOptions.from(arguments);
        GenerationOptions options = SamplingOptions.from(arguments);
        String system = arguments.text("--system");

        modelOptions.prepare(terminal);
        LoadOptions load = modelOptions.load();
        try (Demur demur = load(modelOptions.modelFile(), load, terminal);
                Conversation conversation = demur.converse()) {
            ChosenPolicy chosen = policyOptions.choose(demur);
            Chat chat =
                    new Chat(demur, conversation, options, chosen, load.processing(), policyOptions.strict(), terminal);
            chat.system(system == null ? "" : system);
            PolicyCheck.warnOfUnnamed(chosen.policy(), demur.labels(), chosen.source(), terminal);
            for (String warning : policyOptions.withoutEffect(chosen.policy())) {
                Warning.show(terminal, warning);
            }
            policyOptions.showPromise(chosen, Provenance.of(chosen.calibrated(), demur, system), terminal);
            return talk(new ChatLoop(chat, terminal), chat, demur, terminal);
        }
    }

    private static Demur load(Path model, LoadOptions load, Terminal terminal) {
        try (Patience patience = new Patience(terminal)) {
            patience.begin("loading " + model.getFileName());
            return Demur.load(model, load);
        }
    }

    private static int talk(ChatLoop loop, Chat chat, Demur demur, Terminal terminal) {
        ChatLines lines = terminal.isInteractive()
                ? new TypedLines(terminal.charset(), ChatLoop.COMMANDS)
                : new PipedLines(terminal.in());
        try (lines) {
            if (lines.areTyped()) {
                Greeting.show(terminal, demur.model().file(), demur.labels(), lines.width());
            }
            lines.onInterrupt(chat::interrupt);
            return loop.run(lines);
        }
    }
}
