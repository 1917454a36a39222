package dev.demur.spark;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.JsonlPrompts;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptHash;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.scoring.PromptScorer;
import dev.demur.scoring.ScoreFile;
import dev.demur.scoring.ScoreSink;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Objects;
import org.apache.spark.sql.Row;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/**
 * Scores a partition, a block of rows at a time, so that a partition may be of any size.
 *
 * <p>What comes out depends on the rows alone, so that a task that is run again, or twice at once, has the same results.
 */
final class PartitionScorer implements Iterator<Row> {

    private static final int BLOCK = 2_048;

    private final ScoreSpec spec;
    private final Iterator<Tuple2<InputRow, Long>> rows;
    private final ExecutorModel model;
    private final PromptScorer scorer;
    private final Deque<Scored> ready = new ArrayDeque<>();
    private boolean released;

    PartitionScorer(ScoreSpec spec, Iterator<Tuple2<InputRow, Long>> rows) {
        this.spec = spec;
        this.rows = rows;
        this.model = ExecutorModel.acquire(spec);
        this.scorer = new PromptScorer(model.demur());
    }

    /** The task ended, however it did. */
    synchronized void close() {
        if (!released) {
            released = true;
            model.release();
        }
    }

    @Override
    public boolean hasNext() {
        while (ready.isEmpty() && rows.hasNext()) {
            fill();
        }
        return !ready.isEmpty();
    }

    @Override
    public Row next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        return ready.remove().toRow();
    }

    private void fill() {
        List<Tuple2<InputRow, Long>> block = new ArrayList<>();
        while (block.size() < BLOCK && rows.hasNext()) {
            block.add(rows.next());
        }
        Block source = new Block(block, model.labels());
        try {
            scorer.score(source, spec.system(), spec.temperature(), source.new Sink());
        } catch (IOException e) {
            throw new UncheckedIOException(e); // no file is read here
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("the task was cancelled", e);
        }
    }

    /** The prompts of a block; a prompt's line is its row's number. */
    private final class Block implements PromptSource {

        private final List<Tuple2<InputRow, Long>> block;
        private final RowLabels labels;
        private final Map<Long, InputRow> current = new HashMap<>();
        private int next;

        Block(List<Tuple2<InputRow, Long>> block, RowLabels labels) {
            this.block = block;
            this.labels = labels;
        }

        @Override
        public @Nullable LabelledPrompt next() throws IOException {
            if (next == block.size()) {
                return null;
            }
            Tuple2<InputRow, Long> one = block.get(next++);
            long number = one._2() + 1;
            InputRow row = one._1();
            current.put(number, row);
            String json = row.json();
            LabelledPrompt prompt = json == null
                    ? labels.prompt(number, number, row.id(), row.prompt(), row.category(), row.expected())
                    : parsed(json, number);
            requireCategory(prompt);
            return prompt;
        }

        private void requireCategory(LabelledPrompt prompt) {
            Labels known = model.demur().labels();
            String category = prompt.category();
            if (category != null && !spec.anyCategory() && known.indexOf(category) < 0) {
                throw new BadRowException(
                        prompt.line(),
                        "category '" + category + "' is no category of this model, which has " + known.categoryIds()
                                + ", and none");
            }
        }

        private LabelledPrompt parsed(String json, long number) throws IOException {
            try (JsonlPrompts lines =
                    new JsonlPrompts(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8)), labels)) {
                LabelledPrompt prompt = lines.next();
                if (prompt == null) {
                    throw new BadRowException(number, "the line is empty");
                }
                // The number of the only line is 1, whichever of the data it is.
                String id = hasId(json) ? prompt.id() : Long.toString(number);
                return new LabelledPrompt(
                        number, id, prompt.category(), prompt.shouldRefuse(), prompt.text(), prompt.source());
            } catch (BadRowException e) {
                throw new BadRowException(number, String.valueOf(e.getMessage()));
            }
        }

        private static boolean hasId(String json) {
            JsonObject object = JsonParser.parseString(json).getAsJsonObject(); // it was parsed before
            JsonElement id = object.get("id");
            return id != null && !id.isJsonNull() && !id.getAsString().isBlank();
        }

        @Override
        public void close() {
            // Nothing is open.
        }

        /** Takes the results in the order of the rows. */
        private final class Sink implements ScoreSink {

            @Override
            public boolean wants(LabelledPrompt prompt) {
                return true;
            }

            @Override
            public void scored(LabelledPrompt prompt, Reading reading) {
                String line = ScoreFile.line(
                        prompt.id(),
                        prompt.category(),
                        prompt.shouldRefuse(),
                        reading,
                        PromptHash.of(prompt.text()),
                        model.isFitted(prompt.text()));
                String category = prompt.category() == null ? "" : prompt.category();
                long hash = hash(prompt.id(), category, prompt.shouldRefuse() ? "refuse" : "respond", prompt.text());
                ready.add(Scored.line(prompt.line(), prompt.id(), line, hash));
            }

            @Override
            public void skipped(LabelledPrompt prompt) {
                throw new IllegalStateException("every prompt is wanted");
            }

            @Override
            public void failed(long line, String problem) {
                InputRow row = Objects.requireNonNull(current.get(line), "every row has a number of its own");
                ready.add(Scored.bad(line, row.id(), problem, hash(String.valueOf(row), problem)));
            }
        }
    }

    /** 64 bits of the SHA-256 of the texts. */
    private static long hash(String... texts) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (String text : texts) {
                byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
                digest.update(
                        ByteBuffer.allocate(Integer.BYTES).putInt(bytes.length).flip());
                digest.update(bytes);
            }
            return ByteBuffer.wrap(digest.digest()).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
