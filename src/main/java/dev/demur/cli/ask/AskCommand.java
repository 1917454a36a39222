package dev.demur.cli.ask;

import dev.demur.Demur;
import dev.demur.FinishReason;
import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.LoadOptions;
import dev.demur.Request;
import dev.demur.calibration.Provenance;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.ChosenPolicy;
import dev.demur.cli.options.Command;
import dev.demur.cli.options.ExitStatus;
import dev.demur.cli.options.ModelOptions;
import dev.demur.cli.options.Options;
import dev.demur.cli.options.PolicyCheck;
import dev.demur.cli.options.PolicyOptions;
import dev.demur.cli.options.SamplingOptions;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Interruption;
import dev.demur.cli.terminal.Patience;
import dev.demur.cli.terminal.Terminal;
import dev.demur.cli.terminal.TerminalWidth;
import dev.demur.cli.terminal.WordWrap;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code demur ask PROMPT}: decides, shows the probabilities, streams the answer. */
public final class AskCommand implements Command {

    @Override
    public String name() {
        return "ask";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Decides whether to answer a prompt, then answers or refuses.")
                .description(
                        "",
                        "Decides whether to answer a prompt, shows the probabilities on standard error, and writes the"
                                + " answer or the refusal to standard output.")
                .footer(
                        "",
                        "Examples:",
                        "  demur ask \"How do I boil an egg?\"",
                        "  demur ask --threshold safety=0.9 --threshold unsupported=none \"Call my mother\"",
                        "  demur ask --rule relative --json \"What did I dream last night?\"",
                        "  demur ask --policy policy.json --max-tokens 64 - < prompt.txt",
                        "  demur ask --json-schema person.json \"Name a painter.\"",
                        "",
                        "Exit status: 0 answered or refused, 1 failure at run time (a bad model, policy,",
                        "grammar or schema file is one), 2 wrong usage, 130 interrupted by Ctrl-C.");
        spec.addPositional(PositionalParamSpec.builder()
                .paramLabel("PROMPT")
                .type(String.class)
                .arity("1")
                .description("The prompt; - reads it from standard input, as UTF-8.")
                .build());
        PolicyOptions.addTo(spec);
        spec.addOption(Options.value("--system", "TEXT", "A system message before the prompt."));
        SamplingOptions.addTo(spec);
        spec.addOption(Options.flag("--json", "Prints one JSON object with the decision and all its numbers."));
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
        GenerationOptions generation = SamplingOptions.from(arguments);
        String prompt = PromptArgument.read(arguments.positional("PROMPT"), terminal.in());
        String system = arguments.text("--system");

        modelOptions.prepare(terminal);
        try (Interruption interruption = Interruption.watch()) {
            Asked asked = new Asked(
                    prompt,
                    system,
                    messages(system, prompt),
                    policyOptions,
                    generation.withCancellation(interruption.cancellation()),
                    arguments.has("--json"));
            Path model = modelOptions.modelFile();
            return ask(model, modelOptions.load().withCancellation(interruption.cancellation()), asked, terminal);
        } catch (CancellationException e) {
            return ExitStatus.INTERRUPTED; // before there was anything to show
        }
    }

    /** What is asked. */
    private record Asked(
            String prompt,
            @Nullable String system,
            List<Message> messages,
            PolicyOptions policyOptions,
            GenerationOptions options,
            boolean json) {}

    private static int ask(Path model, LoadOptions load, Asked asked, Terminal terminal) {
        long start = System.nanoTime();
        try (Patience patience = new Patience(terminal);
                Demur demur = load(model, load, patience)) {
            long loadNanos = System.nanoTime() - start;
            ChosenPolicy chosen = asked.policyOptions.choose(demur);
            RefusalPolicy policy = chosen.policy();
            Optional<Provenance> provenance = Provenance.of(chosen.calibrated(), demur, asked.system);
            PolicyCheck.show(provenance, chosen.source(), asked.policyOptions.strict(), terminal);
            PolicyCheck.warnOfUnnamed(policy, demur.labels(), chosen.source(), terminal);
            for (String warning : asked.policyOptions.withoutEffect(policy)) {
                Warning.show(terminal, warning);
            }
            if (!asked.json) {
                asked.policyOptions.showPromise(chosen, provenance, terminal);
            }
            GenerationOptions options = asked.options.withPolicy(policy);
            Generation answer;
            if (asked.json) {
                answer = demur.generate(Request.of(asked.messages, options));
                terminal.printJson(AskJson.of(
                        asked.prompt,
                        answer,
                        token -> AnswerText.ofToken(demur, token),
                        demur.readout().identity(),
                        provenance,
                        loadNanos));
                AnswerText.warnOfCoverage(terminal, answer.decision());
            } else {
                patience.begin("thinking");
                answer = answer(demur, asked.messages, options, policy, patience, terminal);
            }
            AnswerText.warnOfProcessing(terminal, load.processing(), answer);
            return answer.finishReason() == FinishReason.CANCELLED ? ExitStatus.INTERRUPTED : ExitStatus.SUCCESS;
        }
    }

    private static Demur load(Path model, LoadOptions load, Patience patience) {
        patience.begin("loading " + model.getFileName());
        try {
            return Demur.load(model, load);
        } finally {
            patience.end();
        }
    }

    private static List<Message> messages(@Nullable String system, String prompt) {
        List<Message> messages = new ArrayList<>();
        if (system != null) {
            messages.add(Message.system(system));
        }
        messages.add(Message.user(prompt));
        return messages;
    }

    private static Generation answer(
            Demur demur,
            List<Message> messages,
            GenerationOptions options,
            RefusalPolicy policy,
            Patience patience,
            Terminal terminal) {
        IntSupplier width = TerminalWidth.of(terminal);
        WordWrap wrap = new WordWrap(width, terminal::printText);
        Generation generation = demur.generate(Request.of(messages, options), new GenerationListener() {
            @Override
            public void decided(Decision decision) {
                patience.end();
                AnswerText.showDecision(terminal, decision, policy, width.getAsInt(), false);
                AnswerText.warnOfCoverage(terminal, decision);
                terminal.error("");
                patience.begin("thinking");
            }

            @Override
            public void text(String piece) {
                patience.end();
                wrap.text(piece);
            }
        });
        patience.end();
        wrap.end();
        terminal.print("\n");
        if (generation.finishReason() == FinishReason.LENGTH) {
            AnswerText.noteCut(terminal, generation);
        }
        return generation;
    }
}
