package dev.demur.policy;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Hashes all of a policy that can change a decision, and nothing else: rule, &tau;, threshold of the sum, and of each
 * category, in their order, id, threshold and bias; besides kind and tokens of the readout, and the
 * map of the rule {@code refit}.
 *
 * <p>Names and replies change no decision. Values are hashed, not text, so that neither indentation nor the order of
 * fields plays a part, nor the version of the file. A readout is told by the texts of its tokens where it has such,
 * because a file of version 1 has no checksum of their ids; the calibration object records that itself.
 */
final class PolicyChecksum {

    private static final String FORMAT = "demur policy 1";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);

    private PolicyChecksum() {}

    /** As {@code sha256:…}. */
    static String of(RefusalPolicy policy) {
        PolicyChecksum checksum = new PolicyChecksum();
        try {
            checksum.add(policy);
        } catch (IOException e) {
            throw new UncheckedIOException(e); // an array of bytes throws none
        }
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(checksum.bytes.toByteArray());
            return "sha256:" + HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private void add(RefusalPolicy policy) throws IOException {
        add(FORMAT);
        add(policy.rule().id());
        add(policy.temperature());
        add(policy.sumThreshold());
        out.writeInt(policy.categories().size());
        for (CategoryPolicy category : policy.categories()) {
            add(category.id());
            add(category.threshold());
            Double bias = category.bias();
            add(bias == null ? 0 : bias); // no bias is one of 0
        }
        ReadoutIdentity readout = policy.readout();
        out.writeBoolean(readout != null);
        if (readout != null) {
            add(readout.kind());
            out.writeInt(readout.tokens().size());
            for (var token : new TreeMap<>(readout.tokens()).entrySet()) {
                add(token.getKey());
                add(token.getValue().strip()); // as ReadoutIdentity.requireFits compares them
            }
            String known = readout.tokens().isEmpty() ? readout.checksum() : null;
            out.writeBoolean(known != null);
            add(known == null ? "" : known);
        }
        LogisticMap map = policy.map();
        if (map != null) { // else nothing, so that the checksums of policies without one stay what they are
            add(map);
        }
    }

    private void add(LogisticMap map) throws IOException {
        add("map");
        out.writeInt(map.labels().size());
        for (String label : map.labels()) {
            add(label);
        }
        for (LogisticMap.Row row : map.rows()) {
            for (Double weight : row.weights()) {
                add(weight);
            }
            add(row.bias());
        }
    }

    private void add(String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.writeInt(utf8.length);
        out.write(utf8);
    }

    /** With 0 and -0, which decide alike, as one. */
    private void add(@Nullable Double number) throws IOException {
        out.writeBoolean(number != null);
        out.writeDouble(number == null ? 0 : number + 0.0);
    }
}
