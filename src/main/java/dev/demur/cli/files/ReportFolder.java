package dev.demur.cli.files;

import dev.demur.DemurException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** Where a report is written; made before the work, so that nothing is computed for a place that cannot take it. */
public record ReportFolder(Path path) {

    /**
     * The folder, made if it is missing; the ones above it, too.
     *
     * @throws DemurException if it cannot be made or written
     */
    public static ReportFolder make(Path path) {
        try {
            Files.createDirectories(path);
        } catch (FileAlreadyExistsException e) {
            throw new DemurException(path + ": is no folder: name another one for --report", e);
        } catch (IOException e) {
            throw new DemurException(path + ": cannot be made: " + WholeFile.reason(e), e);
        }
        if (!Files.isWritable(path)) {
            throw new DemurException(path + ": cannot be written: permission denied");
        }
        return new ReportFolder(path);
    }

    /** Writes the files, each as a whole; files of an earlier report are replaced. */
    public void write(Map<String, byte[]> files) {
        files.forEach((name, bytes) -> WholeFile.write(path.resolve(name), bytes));
    }
}
