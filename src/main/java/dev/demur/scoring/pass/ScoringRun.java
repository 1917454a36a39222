package dev.demur.scoring.pass;

import dev.demur.dataset.BadRowException;
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
 * One pass over a data set: blocks of rows are read in order, the prompts of a block are read in groups of like length
 * by all contexts, and the results go to the sink in the order of the rows.
 *
 * <p>Blocks and groups follow from the data alone, so that a prompt is in the same company whatever was read before.
 */
final class ScoringRun<R extends PromptRow, T> implements AutoCloseable {

    private static final int BLOCK_ROWS = 256;

    /** Bounds what a block of long texts takes. */
    private static final long BLOCK_CHARACTERS = 4 << 20;

    /** While one is delivered the contexts work at the next. */
    private static final int BLOCKS_AHEAD = 2;

    private final PromptRows<R> source;
    private final PassSink<R, T> sink;
    private final int groupSize;
    private final ExecutorService threads;
    private final BlockingQueue<PromptDecoder<R, T>> decoders;
    private final List<PromptDecoder<R, T>> allDecoders = new ArrayList<>();

    ScoringRun(PromptRows<R> source, PassSink<R, T> sink, ScoringPlan plan, Supplier<PromptDecoder<R, T>> decoder) {
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
    private static final class Row<R extends PromptRow, T> {

        private final long line;
        private final @Nullable R prompt;
        private final boolean wanted;
        private final @Nullable String problem;
        private @Nullable Future<List<PromptDecoder.Outcome<T>>> group;
        private int place;

        Row(long line, @Nullable R prompt, boolean wanted, @Nullable String problem) {
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
        Deque<List<Row<R, T>>> ahead = new ArrayDeque<>();
        boolean more = true;
        while (more || !ahead.isEmpty()) {
            if (more && ahead.size() < BLOCKS_AHEAD) {
                List<Row<R, T>> block = read();
                more = !block.isEmpty();
                submit(block);
                ahead.add(block);
            } else {
                for (Row<R, T> row : ahead.remove()) {
                    deliver(row);
                }
            }
        }
    }

    private List<Row<R, T>> read() throws IOException {
        List<Row<R, T>> block = new ArrayList<>();
        long characters = 0;
        while (block.size() < BLOCK_ROWS && characters < BLOCK_CHARACTERS) {
            try {
                R prompt = source.next();
                if (prompt == null) {
                    break;
                }
                characters += prompt.text().length();
                block.add(row(prompt));
            } catch (BadRowException e) {
                block.add(new Row<>(e.line(), null, false, e.getMessage()));
            }
        }
        return block;
    }

    private Row<R, T> row(R prompt) {
        try {
            return new Row<>(prompt.line(), prompt, sink.wants(prompt), null);
        } catch (BadRowException e) {
            return new Row<>(prompt.line(), prompt, false, e.getMessage());
        }
    }

    /** Groups of which no row is wanted are not read; any other is read as a whole. */
    private void submit(List<Row<R, T>> block) {
        List<Row<R, T>> rows = new ArrayList<>(block);
        rows.removeIf(row -> row.prompt == null);
        if (groupSize > 1) { // else in their order, so that what is read is delivered at once
            rows.sort(Comparator.comparingInt(row -> row.text().length()));
        }
        for (int from = 0; from < rows.size(); from += groupSize) {
            List<Row<R, T>> group = rows.subList(from, Math.min(rows.size(), from + groupSize));
            if (group.stream().noneMatch(row -> row.wanted)) {
                continue;
            }
            List<R> prompts = new ArrayList<>();
            for (Row<R, T> row : group) {
                if (row.prompt != null) {
                    prompts.add(row.prompt);
                }
            }
            Future<List<PromptDecoder.Outcome<T>>> outcomes = threads.submit(() -> {
                PromptDecoder<R, T> decoder = decoders.take();
                try {
                    return decoder.read(prompts);
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

    private void deliver(Row<R, T> row) throws IOException, InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
        R prompt = row.prompt;
        if (prompt == null || row.problem != null) {
            sink.failed(row.line, String.valueOf(row.problem));
        } else if (!row.wanted || row.group == null) {
            sink.skipped(prompt);
        } else {
            PromptDecoder.Outcome<T> outcome = outcomes(row.group).get(row.place);
            T numbers = outcome.numbers();
            if (numbers != null) {
                sink.taken(prompt, numbers);
            } else {
                sink.failed(row.line, String.valueOf(outcome.problem()));
            }
        }
    }

    private static <T> List<PromptDecoder.Outcome<T>> outcomes(Future<List<PromptDecoder.Outcome<T>>> group)
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
