package dev.demur.readout;

import dev.demur.arguments.Given;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The control tokens of a model, one for each label: the refusal token of each category, and the respond token last.
 *
 * <p>Texts are compared without surrounding spaces, because vocabularies carry them with and without.
 *
 * @param labels what the tokens stand for
 * @param texts of each label's token, as {@code [Requests with safety concerns]} and {@code [respond]}; no two are the same
 * @param tokens of each label the token's id; no two are the same
 */
public record DecisionTokens(Labels labels, List<String> texts, List<Integer> tokens) {

    /** The kind of readout that reads such tokens. */
    public static final String KIND = "tokens";

    public DecisionTokens {
        Given.value(labels, "labels");
        texts = Given.list(texts, "texts");
        tokens = Given.list(tokens, "tokens");
        if (texts.size() != labels.count() || tokens.size() != labels.count()) {
            throw new IllegalArgumentException("A model needs a token for each label, but has " + labels.count()
                    + " labels, " + texts.size() + " texts and " + tokens.size() + " token ids");
        }
        Set<String> seenTexts = new HashSet<>();
        Set<Integer> seenTokens = new HashSet<>();
        for (int i = 0; i < texts.size(); i++) {
            String text = texts.get(i).strip();
            if (text.isEmpty()) {
                throw new IllegalArgumentException("The token of '" + labels.id(i) + "' has no text");
            }
            if (!seenTexts.add(text)) {
                throw new IllegalArgumentException("Two control tokens have the text \"" + text + '"');
            }
            if (!seenTokens.add(tokens.get(i))) {
                throw new IllegalArgumentException("Two control tokens have the id " + tokens.get(i));
            }
            if (tokens.get(i) < 0) {
                throw new IllegalArgumentException("A token id must not be negative, but one is " + tokens.get(i));
            }
        }
    }

    /** The token id of the label at index {@code i}. */
    public int token(int i) {
        return tokens.get(i);
    }

    /** The token ids of all labels, in their order. */
    public int[] ids() {
        return tokens.stream().mapToInt(Integer::intValue).toArray();
    }

    /** The index of the label with this token, or -1. */
    public int indexOfToken(int token) {
        return tokens.indexOf(token);
    }

    /** The token ids by the ids of their labels, in the order of these. */
    public Map<String, Integer> byLabel() {
        Map<String, Integer> byLabel = new LinkedHashMap<>();
        for (int i = 0; i < tokens.size(); i++) {
            byLabel.put(labels.id(i), tokens.get(i));
        }
        return byLabel;
    }

    /** What tells these tokens from others: their ids by the checksum, and their texts. */
    public ReadoutIdentity identity() {
        Map<String, String> byLabel = new LinkedHashMap<>();
        for (int i = 0; i < texts.size(); i++) {
            byLabel.put(labels.id(i), texts.get(i));
        }
        return new ReadoutIdentity(KIND, checksum(ids()), byLabel);
    }

    /** The checksum of token ids in the order of their labels. */
    public static String checksum(int... ids) {
        Given.value(ids, "ids");
        String listed = Arrays.stream(ids).mapToObj(Integer::toString).collect(Collectors.joining(","));
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(listed.getBytes(StandardCharsets.US_ASCII));
            return HexFormat.of().formatHex(digest, 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256", e);
        }
    }
}
