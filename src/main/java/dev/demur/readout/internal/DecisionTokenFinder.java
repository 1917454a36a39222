package dev.demur.readout.internal;

import dev.demur.DemurException;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.TokenType;
import dev.demur.llama.internal.TokenSpelling;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.readout.DecisionTokens;
import dev.demur.readout.FoundDecisionTokens;
import dev.demur.readout.NoReadoutException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Finds a model's control tokens: by a mapping that the caller gives, else by the file's {@code demur.*} keys, else by
 * the spellings that are known.
 *
 * <p>Texts are compared without surrounding spaces. Where the vocabulary has several such tokens, the one that is
 * spelled exactly as named is meant, else the only one of the most special type.
 */
public final class DecisionTokenFinder {

    /** The id under which a mapping names the respond token. */
    public static final String RESPOND = Labels.RESPOND;

    private static final String IDS_KEY = "demur.category.ids";
    private static final String TOKENS_KEY = "demur.category.tokens";
    private static final String NAMES_KEY = "demur.category.names";
    private static final String RESPOND_KEY = "demur.respond_token";

    private static final String RESPOND_TEXT = "[respond]";

    /** The most categories that a file may name, many times what a policy can be made for. */
    private static final int MOST_CATEGORIES = 1024;

    /** Of the texts that a message names, and of the characters of one. */
    private static final int MOST_NAMED = 8;

    private static final int LONGEST_NAMED = 80;

    /** How a program maps them, in messages; the command line puts its own option there. */
    public static final String HOW_TO_MAP = ", in Java by LoadOptions.withControlTokens";

    /** The five of arXiv 2412.06748, in its order. */
    private static final List<Named> PAPER = List.of(
            known("humanizing", "Humanizing requests"),
            known("incomplete", "Incomplete requests"),
            known("indeterminate", "Indeterminate requests"),
            known("safety", "Requests with safety concerns"),
            known("unsupported", "Unsupported requests"));

    /** Its model with a single refusal token. */
    private static final List<Named> SINGLE =
            List.of(new Named(new Category("refuse", "Refused requests"), "[refuse]"));

    /** A category and the text of its token. */
    private record Named(Category category, String token) {}

    private final GgufFile file;
    private final TokenSpelling spelling;

    private DecisionTokenFinder(GgufFile file) {
        this.file = file;
        this.spelling = new TokenSpelling(file);
    }

    /**
     * The control tokens that the file itself tells of.
     *
     * @throws NoReadoutException if there are none
     * @throws DemurException if not all of them are in the vocabulary; the message names the file and what is missing
     */
    public static FoundDecisionTokens find(GgufFile file) {
        return find(file, Map.of());
    }

    /**
     * The control tokens that a mapping names.
     *
     * @param mapping category ids, in the order of the categories, and the texts of their tokens; the respond token
     *     under the id {@code respond}. Empty: what the file itself tells
     * @throws DemurException as for {@link #find(GgufFile)}
     */
    public static FoundDecisionTokens find(GgufFile file, Map<String, String> mapping) {
        DecisionTokenFinder finder = new DecisionTokenFinder(file);
        if (!mapping.isEmpty()) {
            return finder.byMapping(new LinkedHashMap<>(mapping));
        }
        if (finder.hasKeys()) {
            return finder.byKeys();
        }
        return finder.bySpellings();
    }

    private FoundDecisionTokens byMapping(Map<String, String> mapping) {
        String respond = mapping.remove(RESPOND);
        if (respond == null) {
            throw problem("the mapping given names no respond token; add one under the id " + RESPOND);
        }
        List<Named> categories = new ArrayList<>();
        mapping.forEach((id, token) -> categories.add(category(id, token, null)));
        return found(categories, respond, FoundDecisionTokens.Source.MAPPING);
    }

    private boolean hasKeys() {
        return file.metadataKeys().contains(IDS_KEY)
                || file.metadataKeys().contains(TOKENS_KEY)
                || file.metadataKeys().contains(RESPOND_KEY);
    }

    private FoundDecisionTokens byKeys() {
        List<String> ids = required(file.stringArray(IDS_KEY), IDS_KEY);
        List<String> tokens = required(file.stringArray(TOKENS_KEY), TOKENS_KEY);
        String respond = required(file.string(RESPOND_KEY), RESPOND_KEY);
        List<String> names = file.stringArray(NAMES_KEY);
        if (ids.size() != tokens.size() || (names != null && names.size() != ids.size())) {
            throw problem(IDS_KEY + " has " + ids.size() + " elements, " + TOKENS_KEY + " " + tokens.size()
                    + (names == null ? "" : " and " + NAMES_KEY + " " + names.size())
                    + ", but they must have the same number; convert the model again, or give a mapping" + HOW_TO_MAP);
        }
        if (ids.size() > MOST_CATEGORIES) {
            throw problem(IDS_KEY + " names " + ids.size() + " categories, more than the " + MOST_CATEGORIES
                    + " that a model can have; convert the model again, or give a mapping" + HOW_TO_MAP);
        }
        List<Named> categories = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            categories.add(category(ids.get(i), tokens.get(i), names == null ? null : names.get(i)));
        }
        return found(categories, respond, FoundDecisionTokens.Source.KEYS);
    }

    private <T> T required(@Nullable T value, String key) {
        if (value == null) {
            throw problem("has some of the keys that name control tokens, but not " + key
                    + "; convert the model again, or give a mapping" + HOW_TO_MAP);
        }
        return value;
    }

    private FoundDecisionTokens bySpellings() {
        for (List<Named> known : List.of(PAPER, SINGLE)) {
            if (known.stream().anyMatch(named -> !spelling.find(named.token()).isEmpty())) {
                return found(known, RESPOND_TEXT, FoundDecisionTokens.Source.SPELLINGS);
            }
        }
        throw new NoReadoutException(file.path().getFileName()
                + ": has no control tokens to decide by: make a head for it"
                + " (HeadFitter), or take the readout ask, which asks the model itself. It has neither the keys "
                + IDS_KEY
                + " and " + RESPOND_KEY + ", nor the tokens " + PAPER.get(0).token() + " and so on, nor "
                + SINGLE.get(0).token() + " and " + RESPOND_TEXT
                + "; if it has others, give a mapping from category ids to their texts" + HOW_TO_MAP);
    }

    private FoundDecisionTokens found(List<Named> categories, String respond, FoundDecisionTokens.Source source) {
        List<String> missing = new ArrayList<>();
        List<Integer> ids = new ArrayList<>();
        List<String> texts = new ArrayList<>();
        for (Named named : categories) {
            texts.add(named.token());
            ids.add(token(named.token(), missing));
        }
        texts.add(respond);
        ids.add(token(respond, missing));
        if (!missing.isEmpty()) {
            throw problem("has no token spelled " + named(missing) + ", which "
                    + source.description() + " name" + (source == FoundDecisionTokens.Source.MAPPING ? "s" : "")
                    + "; give a mapping with the texts that are in its vocabulary" + HOW_TO_MAP);
        }
        DecisionTokens tokens;
        try {
            Labels labels = new Labels(categories.stream().map(Named::category).toList());
            tokens = new DecisionTokens(labels, texts, ids);
        } catch (IllegalArgumentException e) {
            throw problem("by " + source.description() + ": " + e.getMessage(), e);
        }
        List<TokenType> types = new ArrayList<>();
        for (int id : tokens.tokens()) {
            types.add(file.tokenType(id));
        }
        return new FoundDecisionTokens(tokens, source, types);
    }

    /** Texts of a file, in a message. */
    private static String named(List<String> texts) {
        List<String> named = new ArrayList<>();
        for (String text : texts.subList(0, Math.min(MOST_NAMED, texts.size()))) {
            named.add(cut(text));
        }
        if (texts.size() > MOST_NAMED) {
            named.add((texts.size() - MOST_NAMED) + " others");
        }
        return String.join(" nor ", named);
    }

    private static String cut(String text) {
        return text.length() <= LONGEST_NAMED ? text : text.substring(0, LONGEST_NAMED) + "\u2026";
    }

    /** The token's id, or -1 after adding its text to {@code missing}. */
    private int token(String text, List<String> missing) {
        List<Integer> ids = spelling.find(text);
        if (ids.isEmpty()) {
            missing.add(text.strip());
            return -1;
        }
        int best = ids.get(0);
        boolean exact = file.tokenText(best).equals(text);
        if (ids.size() > 1 && !exact && file.tokenType(best) == file.tokenType(ids.get(1))) {
            throw problem(
                    "has the tokens " + best + " (\"" + cut(file.tokenText(best)) + "\") and " + ids.get(1) + " (\""
                            + cut(file.tokenText(ids.get(1))) + "\"), and either could be " + cut(text.strip())
                            + "; give a mapping with the exact text of the right one, spaces included" + HOW_TO_MAP);
        }
        return best;
    }

    private Named category(String id, String token, @Nullable String name) {
        if (token.isBlank()) {
            throw problem("a category of its control tokens: token: is blank");
        }
        try {
            return new Named(new Category(id, name == null || name.isBlank() ? nameOf(id, token) : name), token);
        } catch (IllegalArgumentException e) {
            throw problem("a category of its control tokens: " + e.getMessage(), e);
        }
    }

    /** What a person is shown where nothing says: the paper's name, else the token's text without its brackets. */
    private static String nameOf(String id, String token) {
        for (Named named : PAPER) {
            if (named.category().id().equals(id)) {
                return named.category().name();
            }
        }
        String text = token.strip();
        boolean bracketed = text.length() > 2 && text.startsWith("[") && text.endsWith("]");
        return bracketed ? text.substring(1, text.length() - 1) : text;
    }

    private static Named known(String id, String name) {
        return new Named(new Category(id, name), "[" + name + "]");
    }

    private DemurException problem(String what) {
        return new DemurException(file.path().getFileName() + ": " + what);
    }

    private DemurException problem(String what, IllegalArgumentException cause) {
        return new DemurException(file.path().getFileName() + ": " + what, cause);
    }
}
