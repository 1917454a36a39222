package dev.demur.fit;

import dev.demur.DemurException;
import dev.demur.llama.Message;
import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.readout.internal.PromptStates;
import dev.demur.scoring.pass.PassSink;
import dev.demur.scoring.pass.PromptPass;
import dev.demur.scoring.pass.PromptTask;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;

/** Runs the model once over all rows and keeps what it read in a file. */
final class FeaturePass {

    private final FrozenModel model;
    private final FitRows rows;

    FeaturePass(FrozenModel model, FitRows rows) {
        this.model = model;
        this.rows = rows;
    }

    /**
     * The features of all rows.
     *
     * @throws DemurException if another pass's features lie there
     * @throws IOException if the file cannot be read or written
     * @throws InterruptedException if the thread is interrupted; the file then holds what was read before
     */
    FeatureFile run(Path file, FitListener listener) throws IOException, InterruptedException {
        FeatureFile features = FeatureFile.open(file, key(), model.values().size(), model.width());
        try {
            listener.reading(rows.size(), features.rows(), features.wasDamaged());
            if (features.rows() < rows.size()) {
                Iterator<FitRow> next = rows.all().iterator();
                new PromptPass<>(model.model(), model.options(), new Task())
                        .run(() -> next.hasNext() ? next.next() : null, new Sink(features, listener));
            }
            return features;
        } catch (IOException | InterruptedException | RuntimeException e) {
            if (features.rows() == 0) {
                features.delete();
            } else {
                features.close();
            }
            throw e;
        }
    }

    /** What the features depend on, a line for each. */
    private String key() {
        MessageDigest digest = sha256();
        for (FitRow row : rows.all()) {
            digest.update((row.form() + "\n" + row.prompt().text() + "\0").getBytes(StandardCharsets.UTF_8));
        }
        String prompts = HexFormat.of().formatHex(digest.digest());
        String template = HexFormat.of()
                .formatHex(sha256().digest(model.templateNameOrText().getBytes(StandardCharsets.UTF_8)));
        return "the model: " + model.file().fingerprint()
                + "\nthe chat template: " + template
                + "\nllama.cpp or the device: " + model.engine()
                + "\nthe context size: " + model.longest()
                + "\nwhat is read: " + model.values()
                + "\nthe prompts, the seed or the forms: " + prompts + "\n";
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private final class Task implements PromptTask<FitRow, float[]> {

        private final int[] beginning = PromptTask.beginning(text -> model.encode(List.of(Message.user(text))));

        @Override
        public EncodedPrompt encode(FitRow row) {
            return model.encode(row.messages());
        }

        @Override
        public int[] beginning() {
            return beginning;
        }

        @Override
        public int longest() {
            return model.longest();
        }

        @Override
        public Reader<float[]> reader(LlamaContext context) {
            PromptStates states = PromptStates.on(context, model.values());
            return new Reader<>() {
                @Override
                public void hold(int sequence, EncodedPrompt prompt, int held) {
                    states.hold(sequence, prompt, held);
                }

                @Override
                public float[] read(int sequence) {
                    return states.read(sequence);
                }
            };
        }
    }

    /** Rows come in their order, so that those which a file has are the first ones. */
    private record Sink(FeatureFile features, FitListener listener) implements PassSink<FitRow, float[]> {

        @Override
        public boolean wants(FitRow row) {
            return row.number() >= features.rows();
        }

        @Override
        public void taken(FitRow row, float[] numbers) throws IOException {
            features.add(numbers);
            listener.row(true);
        }

        @Override
        public void skipped(FitRow row) {
            listener.row(false);
        }

        @Override
        public void failed(long line, String problem) throws IOException {
            features.add(null);
            listener.unreadable(line, problem);
            listener.row(true);
        }
    }
}
