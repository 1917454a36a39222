package dev.demur.spark;

import dev.demur.DemurException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.Path;

/** The folder of a job's results, on whatever file system Spark knows. */
final class Output {

    static final String PARQUET = "parquet";
    static final String SCORES = "scores.jsonl";
    static final String META = "scores.jsonl.meta.json";
    static final String ERRORS = "errors.jsonl";
    static final String SUMMARY = "summary.json";

    /** What every task wrote, before all of it is put in order. */
    static final String STAGING = "_staging";

    private static final Set<String> OURS = Set.of(PARQUET, SCORES, META, ERRORS, SUMMARY, STAGING);
    private static final String UNFINISHED = ".unfinished";
    private static final String PART = "part-";
    private static final int BUFFER = 1 << 16;

    private final FileSystem files;
    private final Path folder;

    Output(String folder, Configuration configuration) throws IOException {
        this.folder = new Path(folder);
        this.files = this.folder.getFileSystem(configuration);
    }

    /** Where something of this name lies. */
    String path(String name) {
        return new Path(folder, name).toString();
    }

    /**
     * Makes the folder, or takes one that an earlier run of the job left, whose results are replaced.
     *
     * @throws DemurException if it holds anything else
     */
    void begin() throws IOException {
        if (files.exists(folder)) {
            for (FileStatus found : files.listStatus(folder)) {
                String name = found.getPath().getName();
                String plain =
                        name.startsWith(".") && name.endsWith(".crc") ? name.substring(1, name.length() - 4) : name;
                if (!OURS.contains(plain.replace(UNFINISHED, ""))) {
                    throw new DemurException(folder + ": holds " + name
                            + ", which no job wrote, and so is not replaced: name another folder");
                }
            }
        }
        // First what tells that the results are whole, so that no half of them looks so.
        delete(SUMMARY);
        files.mkdirs(folder);
    }

    /** Makes one file of the parts of a folder, in their order, and deletes the folder. */
    void join(String parts, String name) throws IOException {
        List<Path> paths = new ArrayList<>();
        for (FileStatus found : files.listStatus(new Path(path(parts)))) {
            if (found.getPath().getName().startsWith(PART)) {
                paths.add(found.getPath());
            }
        }
        paths.sort(Comparator.comparing(Path::getName));
        Path unfinished = new Path(path(name + UNFINISHED));
        byte[] buffer = new byte[BUFFER];
        try (OutputStream out = files.create(unfinished, true)) {
            for (Path part : paths) {
                try (FSDataInputStream in = files.open(part)) {
                    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                        out.write(buffer, 0, n);
                    }
                }
            }
        }
        rename(unfinished, name);
        delete(parts);
    }

    void write(String name, String text) throws IOException {
        Path unfinished = new Path(path(name + UNFINISHED));
        try (OutputStream out = files.create(unfinished, true)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        rename(unfinished, name);
    }

    private void rename(Path unfinished, String name) throws IOException {
        delete(name);
        if (!files.rename(unfinished, new Path(path(name)))) {
            throw new IOException(unfinished + ": cannot be renamed to " + name);
        }
    }

    void delete(String name) throws IOException {
        files.delete(new Path(path(name)), true);
    }
}
