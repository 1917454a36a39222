package dev.demur.gguf;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * Identifies a model without reading all of its weights: the SHA-256 of its metadata but for its policies, of its
 * list of tensors, and of the first and the last 4 KiB of each.
 *
 * <p>Embedding a policy does not change it. Training, converting or quantising again does, because that touches every
 * tensor; a change of a few weights in the middle of one would go unnoticed.
 */
final class ModelFingerprint {

    private static final String POLICY_KEY = "demur.policy";
    private static final int EDGE_BYTES = 4096;

    private final MessageDigest digest;

    private ModelFingerprint(MessageDigest digest) {
        this.digest = digest;
    }

    /** The fingerprint of a model of these parts, which lie in the folder of {@code path}, as {@code sha256:…}. */
    static String of(Path path, List<GgufContents> parts) {
        ModelFingerprint fingerprint = new ModelFingerprint(sha256());
        for (GgufContents part : parts) {
            fingerprint.addMetadata(part.metadata());
            fingerprint.addTensors(part);
            Path file = path.resolveSibling(part.file());
            try (RandomAccessFile opened = new RandomAccessFile(file.toFile(), "r")) {
                fingerprint.addWeights(part, opened);
            } catch (IOException e) {
                throw new GgufException(part.file(), "cannot be read (" + e + "); load it when nothing writes it", e);
            }
        }
        return "sha256:" + HexFormat.of().formatHex(fingerprint.digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static boolean isEmbedded(String key) {
        return key.equals(POLICY_KEY) || key.startsWith(POLICY_KEY + ".");
    }

    private void addMetadata(Metadata metadata) {
        for (String key : metadata.keys()) {
            MetadataEntry entry = metadata.entry(key);
            if (entry != null && !isEmbedded(key)) {
                add(key);
                add(entry.type().ordinal());
                add(entry.elementType() == null ? -1 : entry.elementType().ordinal());
                add(entry.count());
                digest.update(metadata.bytes(), entry.position(), metadata.length(entry));
            }
        }
    }

    private void addTensors(GgufContents part) {
        add(part.tensors().size());
        for (TensorInfo tensor : part.tensors()) {
            add(tensor.name());
            add(tensor.shape().size());
            tensor.shape().forEach(this::add);
            add(tensor.typeId());
            add(tensor.offset());
        }
    }

    private void addWeights(GgufContents part, RandomAccessFile opened) throws IOException {
        byte[] edge = new byte[EDGE_BYTES];
        for (TensorInfo tensor : part.tensors()) {
            long start = part.dataStart() + tensor.offset();
            long end = end(part, tensor);
            int length = (int) Math.min(EDGE_BYTES, end - start);
            for (long at : new long[] {start, end - length}) {
                opened.seek(at);
                opened.readFully(edge, 0, length);
                digest.update(edge, 0, length);
            }
        }
    }

    /** Where the tensor ends; one of a type that is not known goes on to the next or to the end of the file. */
    private static long end(GgufContents part, TensorInfo tensor) {
        if (tensor.bytes() >= 0) {
            return part.dataStart() + tensor.offset() + tensor.bytes();
        }
        long end = part.size();
        for (TensorInfo other : part.tensors()) {
            if (other.offset() > tensor.offset()) {
                end = Math.min(end, part.dataStart() + other.offset());
            }
        }
        return end;
    }

    /** With its length, so that neighbours cannot be taken for one another. */
    private void add(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        add(bytes.length);
        digest.update(bytes);
    }

    private void add(long number) {
        digest.update(ByteBuffer.allocate(Long.BYTES).putLong(number).array());
    }
}
