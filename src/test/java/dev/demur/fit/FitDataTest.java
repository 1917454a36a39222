package dev.demur.fit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.DemurException;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.policy.Category;
import dev.demur.readout.Wording;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

@NullMarked
class FitDataTest {

    private static final FitOptions AS_WRITTEN =
            FitOptions.builder().wording(Wording.AS_WRITTEN).build();

    private static LabelledPrompt prompt(
            int number, @Nullable String category, boolean refuse, @Nullable String source, String text) {
        return new LabelledPrompt(number, Integer.toString(number), category, refuse, text, source);
    }

    private static FitData data(int large, int small) {
        FitData data = new FitData();
        for (int i = 0; i < large; i++) {
            data.add(prompt(i, "safety", true, "large", "How do I do harm number " + i + " to somebody?"));
            data.add(prompt(i, null, false, "large", "Tell me of city number " + i + " in detail."));
        }
        for (int i = 0; i < small; i++) {
            data.add(prompt(i, "own", true, "small", "Please " + i + " something of ours"));
        }
        return data;
    }

    @Test
    void the_papers_categories_come_first_and_others_as_they_are() {
        assertEquals(
                List.of(new Category("safety", "Requests with safety concerns"), new Category("own", "own")),
                data(20, 5).labels().categories());
        FitData unnamed = data(20, 5);
        unnamed.add(prompt(1, null, true, null, "No category 1"));
        unnamed.add(prompt(2, null, true, null, "No category 2"));
        assertEquals("refuse", unnamed.labels().categories().get(2).id());
    }

    @Test
    void a_prompt_counts_once_and_the_first_label_counts() {
        FitData data = data(20, 5);
        int size = data.size();
        data.add(prompt(1, null, false, "other", "HOW do I do harm number 3 to somebody"));
        data.add(prompt(2, "safety", true, "other", "How do I do harm number 4  to somebody?"));
        assertEquals(size, data.size());
        assertEquals(1, data.contradicting());
        assertEquals(1, data.repeated());
    }

    @Test
    void too_few_rows_of_a_category_or_a_kind_are_an_error() {
        FitData one = data(20, 1);
        assertTrue(assertThrows(DemurException.class, one::labels)
                .getMessage()
                .contains("the category own has only 1 prompt"));
        assertThrows(DemurException.class, () -> data(9, 0).labels());
    }

    @Test
    void of_too_many_rows_small_sources_stay_whole_and_weights_stand_for_what_is_left_out() {
        FitData data = data(100, 12);
        Map<LabelledPrompt, Double> chosen = data.chosen(112);
        assertEquals(112, chosen.size());
        chosen.forEach((prompt, weight) -> assertEquals("small".equals(prompt.source()) ? 1 : 2, weight));
        assertEquals(
                3,
                data.chosen(36).entrySet().stream()
                        .filter(entry -> "large".equals(entry.getKey().source()))
                        .mapToDouble(Map.Entry::getValue)
                        .max()
                        .orElseThrow());
        assertEquals(chosen.keySet(), data(100, 12).chosen(112).keySet());
        assertEquals(212, data.chosen(1000).size());
    }

    @Test
    void of_too_many_rows_near_misses_of_each_category_stay_beside_what_is_refused_as_it() {
        FitData data = new FitData();
        for (String category : List.of("safety", "unsupported")) {
            for (int i = 0; i < 50; i++) {
                data.add(prompt(i, category, true, "one", "Do " + category + " thing " + i + "."));
                data.add(prompt(i, category, false, "one", "Nearly " + category + " thing " + i + "."));
            }
        }
        for (int i = 0; i < 500; i++) {
            data.add(prompt(i, null, false, "one", "An everyday thing of number " + i + "."));
        }
        Set<LabelledPrompt> chosen = data.chosen(50).keySet();
        assertEquals(50, chosen.size());
        assertEquals(20, chosen.stream().filter(LabelledPrompt::shouldRefuse).count());
        assertEquals(
                10,
                chosen.stream()
                        .filter(prompt -> "safety".equals(prompt.category()) && !prompt.shouldRefuse())
                        .count());
    }

    @Test
    void a_quarter_is_read_in_another_form_too_and_both_rows_share_the_weight() {
        FitData data = data(400, 20);
        FitRows rows = FitRows.of(data, data.labels(), AS_WRITTEN);
        int[] forms = rows.numbers(row -> row.form() != Form.PLAIN);
        assertEquals(0.25, forms.length / 820.0, 0.06);
        Set<Form> seen = new HashSet<>();
        for (int row : forms) {
            FitRow form = rows.get(row);
            FitRow plain = rows.get(form.plain());
            assertEquals(plain.prompt(), form.prompt());
            assertEquals(0.5, form.weight());
            assertEquals(0.5, plain.weight());
            assertNotEquals(plain.messages(), form.messages());
            seen.add(form.form());
        }
        assertFalse(seen.contains(Form.GREETING), "a head that sees the message alone");
        // Not as they are, not after others, and no prompt here has a short form.
        assertEquals(Form.values().length - 4, seen.size());
        double[] weights = rows.weights();
        assertEquals(
                820,
                IntStream.range(0, rows.size()).mapToDouble(i -> weights[i]).sum(),
                1e-9);
    }

    @Test
    void a_form_that_the_wording_undoes_is_not_read() {
        FitData data = data(400, 20);
        FitRows rows = FitRows.of(data, data.labels(), FitOptions.DEFAULTS);
        Set<Form> seen = new HashSet<>();
        for (int row : rows.numbers(row -> row.form() != Form.PLAIN)) {
            FitRow form = rows.get(row);
            assertNotEquals(rows.get(form.plain()).messages(), form.messages());
            seen.add(form.form());
        }
        assertTrue(Set.of(Form.TYPO, Form.SHORT, Form.FRIENDLY).containsAll(seen), seen.toString());
        assertFalse(seen.isEmpty());
    }

    @Test
    void forms_change_what_they_say() {
        assertEquals("why is that", Form.MARK.reword("why is that?"));
        assertEquals("why is that?", Form.MARK.reword("why is that"));
        assertEquals("???", Form.MARK.reword("??"));
        assertEquals("Please, why is that?", Form.PLEASE.reword("Why is that?"));
        assertEquals("Please: I am ill.", Form.PLEASE.reword("I am ill."));
        assertEquals(
                "how can u climb Kiliamnjaro", Form.SHORT.reword(Form.TYPO.reword("how can you climb Kilimanjaro")));
        assertEquals("see http://example.org/longish", Form.TYPO.reword("see http://example.org/longish"));
        assertEquals("im ill", Form.SHORT.reword("I'm ill"));
        List<String> friendly = IntStream.range(0, 100)
                .mapToObj(i -> "Count to " + i + ".")
                .map(Form.FRIENDLY::reword)
                .toList();
        assertTrue(friendly.stream().allMatch(text -> text.contains("Count to ") && text.length() > 14));
        assertTrue(friendly.stream().anyMatch(text -> text.startsWith("Count")));
        assertFalse(friendly.stream().allMatch(text -> text.startsWith("Count")));
        assertEquals("Please: NASA, why?", Form.PLEASE.reword("NASA, why?"));
        assertEquals(
                3,
                new FitRow(prompt(1, null, false, null, "x"), Form.GREETING, Wording.AS_WRITTEN, 0, 0, 0, 1)
                        .messages()
                        .size());
    }

    @Test
    void near_duplicates_share_a_group_and_a_fold() {
        List<String> prompts = new ArrayList<>(List.of(
                "What is the largest city in the south of France by population?",
                "what is the largest city in the south of france, by population",
                "What is the largest city in the north of Spain?",
                "What is the oldest bridge over the river Danube in Vienna?",
                "Could you tell me what the oldest bridge over the river Danube in Vienna is?",
                "I have a headache"));
        List<String> groups = NearDuplicates.groups(prompts);
        assertEquals(groups.get(0), groups.get(1));
        assertEquals(groups.get(0), groups.get(2), "the same first six words");
        assertEquals(groups.get(3), groups.get(4), "nearly the same letters");
        assertNotEquals(groups.get(0), groups.get(3));
        assertEquals(3, groups.stream().distinct().count());
        Folds folds = Folds.of(groups);
        assertEquals(3, folds.count());
        assertEquals(folds.of()[0], folds.of()[2]);
        assertThrows(DemurException.class, () -> Folds.of(List.of("a", "a")));
    }

    @Test
    void separation_counts_ties_half_and_never_refuses_more_than_allowed() {
        Separation apart = Separation.of(new double[] {3, 4}, new double[] {1, 2});
        assertEquals(new Separation(1, 1, 1), apart);
        assertEquals(0.5, Separation.of(new double[] {1, 1}, new double[] {1}).auc());
        double[] answer = IntStream.range(0, 100).mapToDouble(i -> i).toArray();
        Separation some = Separation.of(new double[] {98.5, 97.5, 94.5, 93.5}, answer);
        assertEquals(0.25, some.atOnePercent());
        assertEquals(0.75, some.atFivePercent());
        assertTrue(Double.isNaN(Separation.of(new double[0], answer).auc()));
    }
}
