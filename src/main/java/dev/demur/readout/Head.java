package dev.demur.readout;

import dev.demur.arguments.Given;
import dev.demur.llama.HiddenState;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A linear classifier over hidden states of a model that was trained for something else: the logit of label {@code k} is
 * {@code bias[k] + sum over i of weight[k * size + i] * x[i]}, where {@code x} are the captured values one after another, each
 * of {@code width} numbers. The probabilities are the softmax of the logits over &tau;. Immutable and thread-safe.
 */
public final class Head {

    /** The {@link ReadoutIdentity#kind} of every head. */
    public static final String KIND = "head";

    /** How much of a conversation is decided on. */
    public enum Sees {
        /** The user's last message, as if it stood alone: what came before changes nothing. */
        MESSAGE,
        /** All messages. */
        CONVERSATION;

        /** The name in files. */
        public String id() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final Labels labels;
    private final List<String> replies;
    private final Sees sees;
    private final Wording wording;
    private final List<HiddenState> values;
    private final int width;
    private final float[] weight;
    private final float[] bias;
    private final String checksum;

    /**
     * A head.
     *
     * @param labels the categories, and respond
     * @param replies for each category what is replied where the policy has no reply; empty text: a short one is made up
     * @param sees how much of a conversation is decided on
     * @param wording in which words the user's messages are read
     * @param values what is captured, by ascending layer; at least one
     * @param width how many numbers a value has: the model's embedding size
     * @param weight one row of {@code values * width} numbers for each label; copied
     * @param bias one number for each label; copied
     * @throws IllegalArgumentException if sizes do not fit together or a number is not finite
     */
    public Head(
            Labels labels,
            List<String> replies,
            Sees sees,
            Wording wording,
            List<HiddenState> values,
            int width,
            float[] weight,
            float[] bias) {
        this.labels = Given.value(labels, "labels");
        this.replies = Given.list(replies, "replies");
        this.sees = Given.value(sees, "sees");
        this.wording = Given.value(wording, "wording");
        this.values = Given.list(values, "values");
        this.width = width;
        this.weight = Given.value(weight, "weight").clone();
        this.bias = Given.value(bias, "bias").clone();
        if (this.replies.size() != labels.respondIndex()) {
            throw new IllegalArgumentException(
                    "there are " + this.replies.size() + " replies for " + labels.respondIndex() + " categories");
        }
        if (this.values.isEmpty() || width < 1) {
            throw new IllegalArgumentException(
                    "there are " + this.values.size() + " values of " + width + " numbers: both are at least 1");
        }
        long size = (long) this.values.size() * width;
        if (weight.length != labels.count() * size || bias.length != labels.count()) {
            throw new IllegalArgumentException(
                    labels.count() + " labels and " + size + " numbers of hidden states need "
                            + labels.count() * size + " weights and " + labels.count() + " biases, not " + weight.length
                            + " and "
                            + bias.length);
        }
        requireFinite("weight", weight);
        requireFinite("bias", bias);
        this.checksum = digest();
    }

    private static void requireFinite(String name, float[] numbers) {
        for (int i = 0; i < numbers.length; i++) {
            if (!Float.isFinite(numbers[i])) {
                throw new IllegalArgumentException(name + " " + i + " is " + numbers[i]);
            }
        }
    }

    /** The categories, and respond. */
    public Labels labels() {
        return labels;
    }

    /** For each category what is replied where the policy has no reply; empty text where nothing is given. */
    public List<String> replies() {
        return replies;
    }

    /** How much of a conversation is decided on. */
    public Sees sees() {
        return sees;
    }

    /** In which words the user's messages are read. */
    public Wording wording() {
        return wording;
    }

    /** What is captured. */
    public List<HiddenState> values() {
        return values;
    }

    /** How many numbers a value has. */
    public int width() {
        return width;
    }

    /** How many numbers all values have together. */
    public int size() {
        return values.size() * width;
    }

    /** One row of {@link #size} numbers for each label; a copy. */
    public float[] weight() {
        return weight.clone();
    }

    /** One number for each label; a copy. */
    public float[] bias() {
        return bias.clone();
    }

    /**
     * The logit of each label, summed in double precision.
     *
     * @param hidden {@link #size} numbers
     */
    public double[] logits(float[] hidden) {
        Given.value(hidden, "hidden");
        if (hidden.length != size()) {
            throw new IllegalArgumentException("the head needs " + size() + " numbers, not " + hidden.length);
        }
        double[] logits = new double[bias.length];
        for (int label = 0; label < logits.length; label++) {
            double sum = 0;
            int row = label * hidden.length;
            for (int i = 0; i < hidden.length; i++) {
                sum += (double) weight[row + i] * hidden[i];
            }
            logits[label] = bias[label] + sum;
        }
        return logits;
    }

    /** What score files and policies record of it. */
    public ReadoutIdentity identity() {
        return new ReadoutIdentity(KIND, checksum, Map.of());
    }

    /** Tells this head from others: of all that its numbers depend on. */
    public String checksum() {
        return checksum;
    }

    private String digest() {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            StringBuilder text = new StringBuilder(sees.id());
            if (wording != Wording.AS_WRITTEN) {
                text.append('\n')
                        .append(wording.id()); // an older Demur does not know it, and must not decide otherwise
            }
            labels.categories().forEach(category -> text.append('\n').append(category.id()));
            values.forEach(
                    value -> text.append('\n').append(value.layer()).append(' ').append(value.pooling()));
            digest.update(text.append('\n').toString().getBytes(StandardCharsets.UTF_8));
            digest.update(bytes(weight));
            digest.update(bytes(bias));
            return HexFormat.of().formatHex(digest.digest(), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }

    private static byte[] bytes(float[] numbers) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * numbers.length);
        bytes.asFloatBuffer().put(numbers);
        return bytes.array();
    }
}
