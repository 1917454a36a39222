package dev.demur.scoring;

import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.arguments.Given;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.internal.Internals;
import dev.demur.internal.LoadSizes;
import dev.demur.llama.Message;
import dev.demur.llama.Processing;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import dev.demur.readout.ReadoutInfo;
import dev.demur.readout.internal.Readout;
import dev.demur.scoring.pass.PassSink;
import dev.demur.scoring.pass.PromptPass;
import dev.demur.scoring.pass.PromptRow;
import dev.demur.scoring.pass.PromptTask;
import dev.demur.scoring.pass.ScoringPlan;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads the numbers of many prompts by a loaded model, as fast as the machine allows.
 *
 * <p>The probabilities are those that {@link Demur#decide} decides by, within the noise that the shape of a batch makes;
 * they are exact on their logits, whatever kernel decides, and do not depend on how many processors there are, nor on
 * which rows are wanted. For one thread at a time. The model stays the caller's.
 */
public final class PromptScorer {

    private final Demur demur;
    private final ScoringPlan plan;
    private final int longest;

    /**
     * A scorer for a model. Where its layers lie on a GPU, {@link dev.demur.LoadOptions#withParallel} with {@link
     * #PARALLEL} leaves room for what this decodes together.
     *
     * @throws IllegalArgumentException if the model reads its logits by backend sampling, whose numbers are not exact
     */
    public PromptScorer(Demur demur) {
        this(
                demur,
                ScoringPlan.of(
                        Internals.of(Given.value(demur, "demur")).decidingModel(), demur.options(), demur::threads));
    }

    /** With a plan other than the one that suits model and machine. */
    PromptScorer(Demur demur, ScoringPlan plan) {
        if (demur.options().processing() == Processing.IN_GRAPH) {
            throw new IllegalArgumentException(
                    "scores are read on the host: load the model with the logits read there (Processing.HOST)");
        }
        this.demur = demur;
        this.plan = plan;
        this.longest =
                new LoadSizes(demur.options()).contextSize(demur.decidingModel().trainedContext());
    }

    /** The most prompts that are decoded together. */
    public static final int PARALLEL = ScoringPlan.MOST_SEQUENCES;

    /**
     * What scores are made with and from.
     *
     * @param system the system message before every prompt; null: none
     * @param temperature &tau; of the softmax
     * @param dataHash identifies the data
     */
    public ScoreMeta meta(@Nullable String system, double temperature, String dataHash) {
        return ScoreMeta.of(demur, system, temperature, dataHash);
    }

    /**
     * Scores the rows that the sink wants. Holds a bounded number of rows at a time.
     *
     * @param system the system message before every prompt; null: none
     * @param temperature &tau; of the softmax, above 0
     * @throws IOException if the data cannot be read on, or from the sink
     * @throws InterruptedException if the thread is interrupted: scoring ends after the decodes that are under way
     * @throws DemurException if the chat template cannot render such prompts
     * @throws dev.demur.llama.LlamaException if llama.cpp fails
     */
    public void score(PromptSource prompts, @Nullable String system, double temperature, ScoreSink sink)
            throws IOException, InterruptedException {
        Given.value(prompts, "prompts");
        Given.value(sink, "sink");
        new PromptPass<>(Internals.of(demur).decidingModel(), plan, new ReadingTask(system, temperature))
                .run(
                        () -> {
                            LabelledPrompt prompt = prompts.next();
                            return prompt == null ? null : new Row(prompt);
                        },
                        new Adapter(sink));
    }

    private record Row(LabelledPrompt prompt) implements PromptRow {

        @Override
        public long line() {
            return prompt.line();
        }

        @Override
        public String text() {
            return prompt.text();
        }
    }

    /** What a pass tells, as a sink of scores hears it. */
    private record Adapter(ScoreSink sink) implements PassSink<Row, Reading> {

        @Override
        public boolean wants(Row row) {
            return sink.wants(row.prompt());
        }

        @Override
        public void taken(Row row, Reading numbers) throws IOException {
            sink.scored(row.prompt(), numbers);
        }

        @Override
        public void skipped(Row row) throws IOException {
            sink.skipped(row.prompt());
        }

        @Override
        public void failed(long line, String problem) throws IOException {
            sink.failed(line, problem);
        }
    }

    /** Reads the readout's numbers. */
    private final class ReadingTask implements PromptTask<Row, Reading> {

        private final @Nullable String system;
        private final double temperature;
        private final int[] beginning;
        private final Rules rules;

        ReadingTask(@Nullable String system, double temperature) {
            ReadoutInfo readout = demur.readout();
            this.system = system;
            this.temperature = temperature;
            this.beginning = PromptTask.beginning(text -> PromptScorer.this.encode(system, text));
            this.rules = RefusalPolicy.defaults(readout.labels(), readout.identity(), Rule.THRESHOLD)
                    .withTemperature(temperature)
                    .bind(readout.labels()); // of these a reader is told the temperature only
        }

        @Override
        public EncodedPrompt encode(Row row) {
            return PromptScorer.this.encode(system, row.text());
        }

        @Override
        public int[] beginning() {
            return beginning;
        }

        @Override
        public int longest() {
            return longest;
        }

        @Override
        public Reader<Reading> reader(LlamaContext context) {
            Readout.Reader reader = Internals.of(demur).readout().reader(context);
            return new Reader<>() {
                @Override
                public void prepare(int prompts) {
                    reader.prepare(IntStream.range(0, prompts).toArray(), Collections.nCopies(prompts, rules), true);
                }

                @Override
                public void hold(int sequence, EncodedPrompt prompt, int held) {
                    reader.hold(sequence, prompt, held);
                }

                @Override
                public Reading read(int sequence) {
                    return reader.read(sequence, temperature);
                }
            };
        }
    }

    private EncodedPrompt encode(@Nullable String system, String prompt) {
        Message user = Message.user(prompt);
        return Internals.of(demur)
                .decisionPrompt(system == null ? List.of(user) : List.of(Message.system(system), user));
    }
}
