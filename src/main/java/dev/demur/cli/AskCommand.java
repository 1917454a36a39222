package dev.demur.cli;

import dev.demur.Demur;
import dev.demur.FinishReason;
import dev.demur.Generation;
import dev.demur.GenerationListener;
import dev.demur.GenerationOptions;
import dev.demur.calibration.Provenance;
import dev.demur.llama.Message;
import dev.demur.policy.Decision;
import dev.demur.policy.RefusalPolicy;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** {@code demur ask PROMPT}: decides, shows the probabilities, streams the answer. */
final class AskCommand implements Command {

    @Override
    public String name() {
        return "ask";
    }

    @Override
    public CommandSpec spec() {
        CommandSpec spec = CommandSpec.create();
        spec.usageMessage()
                .header("Decides about a prompt, and answers or refuses it.")
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
                        "",
                        "Exit status: 0 answered or refused, 1 failure at run time (a bad model or policy",
                        "file is one), 2 wrong usage.");
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
    public int run(Arguments arguments, Terminal terminal) {
        ModelOptions modelOptions = ModelOptions.from(arguments);
        PolicyOptions policyOptions = PolicyOptions.from(arguments);
        GenerationOptions generation = SamplingOptions.from(arguments);
        boolean json = arguments.has("--json");
        String prompt = PromptArgument.read(arguments.positional("PROMPT"), terminal.in());
        String system = arguments.text("--system");
        List<Message> messages = messages(system, prompt);

        modelOptions.applyBinding();
        modelOptions.requireKnownTemplate();
        long start = System.nanoTime();
        try (Demur demur = Demur.load(modelOptions.modelFile(), modelOptions.load())) {
            long loadNanos = System.nanoTime() - start;
            ChosenPolicy chosen = policyOptions.choose(demur.controlTokens(), demur::policy);
            RefusalPolicy policy = chosen.policy();
            Optional<Provenance> provenance = Provenance.of(chosen.calibrated(), demur, system);
            PolicyCheck.show(provenance, chosen.source(), policyOptions.strict(), terminal);
            for (String warning : policyOptions.withoutEffect(policy)) {
                Warning.show(terminal, warning);
            }
            GenerationOptions options = generation.withPolicy(policy);
            if (json) {
                Generation answer = demur.generate(messages, options, text -> {});
                String tokenText = tokenText(demur, answer.decision());
                terminal.printJson(AskJson.of(prompt, answer, tokenText, provenance, loadNanos));
                warnOfCoverage(terminal, answer.decision());
            } else {
                answer(demur, messages, options, policy, terminal);
            }
        }
        return ExitStatus.SUCCESS;
    }

    private static List<Message> messages(@Nullable String system, String prompt) {
        List<Message> messages = new ArrayList<>();
        if (system != null) {
            messages.add(Message.system(system));
        }
        messages.add(Message.user(prompt));
        return messages;
    }

    private static void answer(
            Demur demur, List<Message> messages, GenerationOptions options, RefusalPolicy policy, Terminal terminal) {
        Generation generation = demur.generate(messages, options, new GenerationListener() {
            @Override
            public void decided(Decision decision) {
                String token = tokenText(demur, decision);
                for (String line : DecisionText.lines(decision, token, policy, terminal.errStyle())) {
                    terminal.error(line);
                }
                warnOfCoverage(terminal, decision);
                terminal.error("");
            }

            @Override
            public void text(String piece) {
                terminal.printText(piece);
            }
        });
        terminal.print("\n");
        if (generation.finishReason() == FinishReason.LENGTH) {
            terminal.error(terminal.errStyle()
                    .dim("(cut after " + generation.timings().generatedTokens()
                            + " tokens: --max-tokens and --ctx set how long an answer may be)"));
        }
    }

    private static String tokenText(Demur demur, Decision decision) {
        return new String(demur.model().piece(decision.token(), true), StandardCharsets.UTF_8);
    }

    private static void warnOfCoverage(Terminal terminal, Decision decision) {
        String warning = DecisionText.coverageWarning(decision);
        if (warning != null) {
            Warning.show(terminal, warning);
        }
    }
}
