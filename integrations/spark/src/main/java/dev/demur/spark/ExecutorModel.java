package dev.demur.spark;

import dev.demur.Demur;
import dev.demur.DemurException;
import dev.demur.LoadOptions;
import dev.demur.dataset.PromptHash;
import dev.demur.dataset.RowLabels;
import dev.demur.gguf.Metadata;
import dev.demur.llama.Processing;
import dev.demur.readout.HeadFile;
import dev.demur.scoring.PromptScorer;
import dev.demur.scoring.ScoreMeta;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.spark.SparkFiles;
import org.jspecify.annotations.Nullable;

/**
 * The model of this executor's JVM: loaded when the first task asks for it, used by all tasks, and closed when another job wants
 * another model. It ends with the JVM.
 */
final class ExecutorModel {

    private static @Nullable ExecutorModel current;

    private final ScoreSpec spec;
    private final Demur demur;
    private final RowLabels labels;
    private final long[] trainedOn; // sorted
    private int users;

    private ExecutorModel(ScoreSpec spec) throws IOException {
        this.spec = spec;
        Path model = SharedFile.of(file(spec.model()));
        String readout = spec.readout() == null ? null : resolved(spec.readout());
        LoadOptions options = LoadOptions.DEFAULTS
                .withProcessing(Processing.HOST)
                .withThreads(1) // each task has a core of its own
                .withParallel(PromptScorer.PARALLEL)
                .withReadout(readout);
        String llama = spec.llama();
        demur = Demur.load(model, llama == null ? options : options.withLlama(file(llama)));
        labels = new RowLabels(demur.readout());
        Metadata head = HeadFile.find(demur.model().file(), readout);
        trainedOn = head == null ? new long[0] : HeadFile.read(head).facts().trainedOn();
        Arrays.sort(trainedOn);
    }

    /**
     * The model, for a task that {@link #release releases} it in the end.
     *
     * @throws IllegalStateException if tasks of another job use another model at this moment
     */
    static synchronized ExecutorModel acquire(ScoreSpec spec) {
        ExecutorModel model = current;
        if (model != null && !model.spec.equals(spec)) {
            if (model.users > 0) {
                throw new IllegalStateException("this executor runs tasks of another job with another model ("
                        + model.spec.model() + "): run one job after another in an application");
            }
            model.demur.close();
            current = null;
            model = null;
        }
        if (model == null) {
            try {
                model = new ExecutorModel(spec);
            } catch (IOException e) {
                throw new DemurException(spec.model() + ": cannot be read on this machine: " + e.getMessage(), e);
            }
            current = model;
        }
        model.users++;
        return model;
    }

    void release() {
        synchronized (ExecutorModel.class) {
            users--;
        }
    }

    Demur demur() {
        return demur;
    }

    RowLabels labels() {
        return labels;
    }

    /** Whether the head that scores was fitted on this prompt. */
    boolean isFitted(String prompt) {
        return Arrays.binarySearch(trainedOn, PromptHash.leading(prompt)) >= 0;
    }

    /** What scores are made with. */
    ScoreMeta meta(String dataHash) {
        return new PromptScorer(demur).meta(spec.system(), spec.temperature(), dataHash);
    }

    /** A file that came with the job, or that the machine has. */
    static Path file(String name) {
        Path shipped = Path.of(SparkFiles.getRootDirectory()).resolve(name);
        if (Files.exists(shipped)) {
            return shipped;
        }
        Path own = Path.of(name);
        if (!Files.exists(own)) {
            throw new DemurException(
                    name
                            + ": did not come with the job, and is no file of this machine: give it to spark-submit by --files");
        }
        return own;
    }

    /** The name of a readout, or the place of the file that has it. */
    private static String resolved(String readout) {
        Path shipped = Path.of(SparkFiles.getRootDirectory()).resolve(readout);
        return Files.exists(shipped) ? shipped.toString() : readout;
    }
}
