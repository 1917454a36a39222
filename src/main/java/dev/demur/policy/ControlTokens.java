package dev.demur.policy;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The control tokens of a model: one refusal token for each of K &ge; 1 categories, and the respond token.
 *
 * <p>Index {@code i} in 0..K-1 means category {@code i}, index K the respond token, here and in a {@link Readout}.
 * Ids, token texts and token ids are unique. Token texts are compared without surrounding spaces, because vocabularies
 * carry them with and without.
 *
 * @param categories the categories in the order of the native readout
 * @param categoryTokens their token ids, in the same order
 * @param respondText text of the respond token, as {@code [respond]}
 * @param respondToken its token id
 */
public record ControlTokens(
        List<Category> categories, List<Integer> categoryTokens, String respondText, int respondToken) {

    public ControlTokens {
        categories = List.copyOf(categories);
        categoryTokens = List.copyOf(categoryTokens);
        Category.requireText("respondText", respondText);
        if (categories.isEmpty() || categories.size() != categoryTokens.size()) {
            throw new IllegalArgumentException("A model needs at least one category and one token id for each, but has "
                    + categories.size() + " categories and " + categoryTokens.size() + " token ids");
        }
        Set<String> ids = new HashSet<>();
        Set<String> texts = new HashSet<>(Set.of(respondText.strip()));
        Set<Integer> tokens = new HashSet<>(Set.of(respondToken));
        for (int i = 0; i < categories.size(); i++) {
            Category category = categories.get(i);
            if (!ids.add(category.id())) {
                throw new IllegalArgumentException("Two categories have the id " + Quote.of(category.id()));
            }
            if (!texts.add(category.token().strip())) {
                throw new IllegalArgumentException("Two control tokens have the text " + Quote.of(category.token()));
            }
            if (!tokens.add(categoryTokens.get(i))) {
                throw new IllegalArgumentException("Two control tokens have the id " + categoryTokens.get(i));
            }
        }
        for (int token : tokens) {
            if (token < 0) {
                throw new IllegalArgumentException("A token id must not be negative, but one is " + token);
            }
        }
    }

    /** K, which is also the index of the respond token. */
    public int respondIndex() {
        return categories.size();
    }

    /** The token id at index {@code i}. */
    public int token(int i) {
        return i == respondIndex() ? respondToken : categoryTokens.get(i);
    }

    /** All K + 1 token ids, the respond token last: the order in which the native readout takes them. */
    public int[] ids() {
        int[] ids = new int[respondIndex() + 1];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = token(i);
        }
        return ids;
    }

    /** The index of the category with this id, or -1. */
    public int indexOf(String id) {
        for (int i = 0; i < categories.size(); i++) {
            if (categories.get(i).id().equals(id)) {
                return i;
            }
        }
        return -1;
    }

    /** The index of the control token with this id, or -1. */
    public int indexOfToken(int token) {
        return token == respondToken ? respondIndex() : categoryTokens.indexOf(token);
    }

    /** The ids of the categories as a person reads them, for messages. */
    String describeIds() {
        return categories.stream().map(Category::id).collect(Collectors.joining(", "));
    }
}
