package dev.demur.jinja;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Templates of any bytes. */
class JinjaFuzzTest {

    /** Letters that no template spells, so that they are a message's wherever they stand. */
    private static final String LETTERS = "\u0416\u0436\u0416";

    private static final Limits LIMITS = new Limits(200_000, 1_000_000, 20_000, 500_000);

    @FuzzTest
    void a_template_is_refused_in_a_sentence_or_rendered_with_its_messages_marked(byte[] data) {
        String template = new String(data, StandardCharsets.UTF_8);
        Map<String, Object> message = new LinkedHashMap<>();
        message.put("role", "user");
        message.put("content", " <b>" + LETTERS + "\n" + LETTERS + " ");
        Map<String, Object> variables = new LinkedHashMap<>();
        variables.put("x", List.of(1, 2.5, true, "text"));
        variables.put("messages", List.of(message, new Marked(message, 1)));
        String plain = render(template, variables);
        variables.put("messages", new Marked(List.of(message, message), 1));
        Rendering marked;
        try {
            marked = JinjaTemplate.parse(template).render(variables, LIMITS, () -> Golden.NOW);
        } catch (JinjaException e) {
            return;
        }
        if (plain != null && !plain.equals(marked.text())) {
            throw new AssertionError("marks change the text: " + plain + " / " + marked.text());
        }
        boolean spelled = template.chars().anyMatch(c -> c >= 0x400 && c < 0x500) || template.indexOf('\\') >= 0;
        for (Rendering.Segment segment : marked.segments()) {
            if (!spelled && !segment.marked() && segment.text().indexOf('\u0416') >= 0) {
                throw new AssertionError("a message's text is taken for the template's: " + segment.text());
            }
        }
    }

    /** What a template gives; null where it ends in an error. */
    private static String render(String template, Map<String, Object> variables) {
        try {
            return JinjaTemplate.parse(template)
                    .render(variables, LIMITS, () -> Golden.NOW)
                    .text();
        } catch (JinjaException e) {
            return null;
        }
    }
}
