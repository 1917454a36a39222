package dev.demur.policy;

import dev.demur.arguments.Given;
import dev.demur.json.ForeignText;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What a prompt can be decided to be: one of K &ge; 1 categories to refuse, or to be answered.
 *
 * <p>Index {@code i} in 0..K-1 means category {@code i}, index K respond, here, in a {@link Reading} and wherever else
 * there are numbers of labels.
 *
 * @param categories in the order of the numbers; their ids are unique
 */
public record Labels(List<Category> categories) {

    /** The id of the last label: to answer. */
    public static final String RESPOND = "respond";

    public Labels {
        categories = Given.list(categories, "categories");
        if (categories.isEmpty()) {
            throw new IllegalArgumentException("There must be at least one category");
        }
        Set<String> ids = new HashSet<>();
        for (Category category : categories) {
            if (!ids.add(category.id())) {
                throw new IllegalArgumentException("Two categories have the id " + ForeignText.quoted(category.id()));
            }
        }
    }

    /** K, which is also the index of respond. */
    public int respondIndex() {
        return categories.size();
    }

    /** K + 1, the number of labels. */
    public int count() {
        return categories.size() + 1;
    }

    /**
     * The id of the label at index {@code i}: a category's, or {@code respond}.
     *
     * @throws IndexOutOfBoundsException if there is no such label
     */
    public String id(int i) {
        return requireIndex(i) == respondIndex() ? RESPOND : categories.get(i).id();
    }

    /** The index, which is that of a label. */
    int requireIndex(int i) {
        if (i < 0 || i > respondIndex()) {
            throw new IndexOutOfBoundsException(
                    "there is no label " + i + ": 0 to " + respondIndex() + " are " + categoryIds() + ", " + RESPOND);
        }
        return i;
    }

    /** The index of the category with this id, or -1. */
    public int indexOf(String id) {
        Given.value(id, "id");
        for (int i = 0; i < categories.size(); i++) {
            if (categories.get(i).id().equals(id)) {
                return i;
            }
        }
        return -1;
    }

    /** The index of the label with this id, which may be {@code respond}; or -1. */
    public int indexOfLabel(String id) {
        return Given.value(id, "id").equals(RESPOND) ? respondIndex() : indexOf(id);
    }

    /** The ids of the categories as a person reads them, separated by commas. */
    public String categoryIds() {
        return categories.stream().map(Category::id).collect(Collectors.joining(", "));
    }
}
