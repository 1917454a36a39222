package dev.demur.gguf;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.util.List;

/**
 * What the tables of models must hold that choose the experts of a token by its id: numbers of experts. llama.cpp computes with
 * whatever lies in memory at the place of an expert that there is not.
 */
final class ExpertTableRules {

    private static final String TABLE = "tid2eid.weight";

    private static final int MOST_BYTES = 1 << 16;

    private ExpertTableRules() {}

    /** Checks the tables of all parts of a model; most models have none, and nothing is read of them. */
    static void check(Path path, String architecture, List<GgufContents> parts) {
        long experts = parts.get(0)
                .metadata()
                .largestInteger(architecture.concat(".expert_count"))
                .orElse(0);
        for (GgufContents part : parts) {
            for (TensorInfo tensor : part.tensors()) {
                if (tensor.name().endsWith(TABLE)) {
                    check(path.resolveSibling(part.file()), part, tensor, experts);
                }
            }
        }
    }

    private static void check(Path path, GgufContents part, TensorInfo tensor, long experts) {
        if (tensor.type() != TensorType.I32) {
            throw GgufException.unusable(
                    part.file(), "tensor " + tensor.name() + " is of type " + tensor.type() + ", not I32");
        }
        byte[] some = new byte[MOST_BYTES];
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "r")) {
            file.seek(part.dataStart() + tensor.offset());
            for (long left = tensor.bytes(); left > 0; left -= some.length) {
                int bytes = (int) Math.min(left, some.length);
                file.readFully(some, 0, bytes);
                for (int at = 0; at < bytes; at += 4) {
                    int expert = FileBytes.int32(some, at);
                    if (expert < 0 || expert >= experts) {
                        throw GgufException.unusable(
                                part.file(),
                                "tensor " + tensor.name() + " names the expert " + expert + ", but there are " + experts
                                        + ", from 0 on");
                    }
                }
            }
        } catch (IOException e) {
            throw new GgufException(part.file(), "cannot be read (" + e + "); load it when nothing writes it", e);
        }
    }
}
