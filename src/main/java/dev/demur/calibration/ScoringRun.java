package dev.demur.calibration;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One pass over a data set: blocks of rows are read in order, the prompts of a block are scored in groups of like length
 * by all contexts, and the results go to the sink in the order of the rows.
 *
 * <p>Blocks and groups follow from the data alone, so that a prompt is in the same company whatever was scored before.
 */
final class ScoringRun implements AutoCloseable {

    private static final int BLOCK_ROWS = 256;

    /** Bounds what a block of long texts takes. */
    private static final long BLOCK_CHARACTERS = 4 << 20;

    /** While one is delivered the contexts work at the next. */
    private static final int BLOCKS_AHEAD = 2;

    private final PromptSource source;
    private final ScoreSink sink;
    private final int groupSize;
    private final ExecutorService threads;
    private final BlockingQueue<PromptDecoder> decoders;
    private final List<PromptDecoder> allDecoders = new ArrayList<>();

    ScoringRun(PromptSource source, ScoreSink sink, ScoringPlan plan, Supplier<PromptDecoder> decoder) {
        this.source = source;
        this.sink = sink;
        this.groupSize = plan.sequences();
        this.decoders = new ArrayBlockingQueue<>(plan.contexts());
        for (int i = 0; i < plan.contexts(); i++) {
            allDecoders.add(decoder.get());
        }
        decoders.addAll(allDecoders);
        this.threads = Executors.newFixedThreadPool(plan.contexts(), task -> {
            Thread thread = new Thread(task, "demur-score");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** A row: a prompt, or what is wrong with it. */
    private static final class Row {

        private final long line;
        private final @Nullable LabelledPrompt prompt;
        private final boolean wanted;
        private final @Nullable String problem;
        private @Nullable Future<List<PromptDecoder.Outcome>> group;
        private int place;

        Row(long line, @Nullable LabelledPrompt prompt, boolean wanted, @Nullable String problem) {
            this.line = line;
            this.prompt = prompt;
            this.wanted = wanted;
            this.problem = problem;
        }

        String text() {
            return prompt == null ? "" : prompt.text();
        }
    }

    void run() throws IOException, InterruptedException {
        Deque<List<Row>> ahead = new ArrayDeque<>();
        boolean more = true;
        while (more || !ahead.isEmpty()) {
            if (more && ahead.size() < BLOCKS_AHEAD) {
                List<Row> block = read();
                more = !block.isEmpty();
                submit(block);
                ahead.add(block);
            } else {
                for (Row row : ahead.remove()) {
                    deliver(row);
                }
            }
        }
    }

    private List<Row> read() throws IOException {
        List<Row> block = new ArrayList<>();
        long characters = 0;
        while (block.size() < BLOCK_ROWS && characters < BLOCK_CHARACTERS) {
            try {
                LabelledPrompt prompt = source.next();
                if (prompt == null) {
                    break;
                }
                characters += prompt.text().length();
                block.add(row(prompt));
            } catch (BadRowException e) {
                block.add(new Row(e.line(), null, false, e.getMessage()));
            }
        }
        return block;
    }

    private Row row(LabelledPrompt prompt) {
        try {
            return new Row(prompt.line(), prompt, sink.wants(prompt), null);
        } catch (BadRowException e) {
            return new Row(prompt.line(), prompt, false, e.getMessage());
        }
    }

    /** Groups of which no row is wanted are not scored; any other is scored as a whole. */
    private void submit(List<Row> block) {
        List<Row> rows = new ArrayList<>(block);
        rows.removeIf(row -> row.prompt == null);
        rows.sort(Comparator.comparingInt(row -> row.text().length()));
        for (int from = 0; from < rows.size(); from += groupSize) {
            List<Row> group = rows.subList(from, Math.min(rows.size(), from + groupSize));
            if (group.stream().noneMatch(row -> row.wanted)) {
                continue;
            }
            List<String> texts = group.stream().map(Row::text).toList();
            Future<List<PromptDecoder.Outcome>> outcomes = threads.submit(() -> {
                PromptDecoder decoder = decoders.take();
                try {
                    return decoder.score(texts);
                } finally {
                    decoders.add(decoder);
                }
            });
            for (int place = 0; place < group.size(); place++) {
                group.get(place).group = outcomes;
                group.get(place).place = place;
            }
        }
    }

    private void deliver(Row row) throws IOException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        LabelledPrompt prompt = row.prompt;
        if (prompt == null || row.problem != null) {
            sink.failed(row.line, String.valueOf(row.problem));
        } else if (!row.wanted || row.group == null) {
            sink.skipped(prompt);
        } else {
            PromptDecoder.Outcome outcome = outcomes(row.group).get(row.place);
            if (outcome.reading() != null) {
                sink.scored(prompt, outcome.reading());
            } else {
                sink.failed(row.line, String.valueOf(outcome.problem()));
            }
        }
    }

    private static List<PromptDecoder.Outcome> outcomes(Future<List<PromptDecoder.Outcome>> group)
            throws InterruptedException {
        try {
            return group.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            if (e.getCause() instanceof Error cause) {
                throw cause;
            }
            throw new IllegalStateException(e);
        }
    }

    /** Waits for the decodes that are under way, and frees the contexts. */
    @Override
    public void close() {
        threads.shutdownNow();
        boolean interrupted = false;
        boolean ended = false;
        while (!ended) {
            try {
                ended = threads.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        allDecoders.forEach(PromptDecoder::close);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
