package dev.demur.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.jinja.JinjaException.Reason;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Templates that mean harm end in a clear error, soon, on a small stack and within bounded memory. */
class HostileTemplateTest {

    /** Half of what threads have by default. */
    private static final long SMALL_STACK = 512 * 1024;

    private static final long MILLISECONDS = 1_800_000;

    /** Renders on a thread with a small stack; what it ended in, or null. */
    private static Throwable render(String template, Map<String, Object> variables) throws InterruptedException {
        return render(template, variables, SMALL_STACK);
    }

    private static Throwable render(String template, Map<String, Object> variables, long stack)
            throws InterruptedException {
        AtomicReference<Throwable> end = new AtomicReference<>();
        Thread thread = new Thread(
                null,
                () -> {
                    try {
                        JinjaTemplate.parse(template).render(variables);
                    } catch (Throwable e) {
                        end.set(e);
                    }
                },
                "hostile template",
                stack);
        thread.setDaemon(true);
        thread.start();
        thread.join(MILLISECONDS);
        assertEquals(Thread.State.TERMINATED, thread.getState(), "still at it: " + template);
        return end.get();
    }

    private static JinjaException failure(String template) throws InterruptedException {
        Throwable end = render(template, Map.of("text", "a".repeat(10_000), "list", List.of(1, 2, 3)));
        assertNotNull(end, "nothing was wrong with it");
        assertTrue(end instanceof JinjaException, end + " is no JinjaException");
        return (JinjaException) end;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // Loops.
                "{% for a in range(10**9) %}{% endfor %}",
                "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
                "{% for a in range(99999) %}{% for b in text %}{% endfor %}{% endfor %}",
                "{% for a in [1] recursive %}{{ loop([1]) }}{% endfor %}",
                "{% for a in range(99999) %}{{ list|map('string')|map('upper')|sort|join|length }}{{ range(999)|sum }}{% endfor %}",
                // Texts.
                "{{ 'a' * 10**9 }}",
                "{{ 10**9 * 'a' }}",
                "{% set ns = namespace(x='a') %}{% for a in range(99) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}",
                "{% set ns = namespace(x='a') %}{% for a in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x='aa') %}{% for a in range(99) %}{% set ns.x = ns.x|replace('a', ns.x) %}{% endfor %}",
                "{% set ns = namespace(x='aa') %}{% for a in range(99) %}{% set ns.x = ns.x.join(ns.x) %}{% endfor %}",
                "{% set ns = namespace(x='a') %}{% for a in range(99) %}{% set ns.x = '%s%s' % (ns.x, ns.x) %}{% endfor %}",
                "{% set ns = namespace(x='\\\\') %}{% for a in range(99) %}{% set ns.x = ns.x|tojson %}{% endfor %}",
                "{% set ns = namespace(x='&') %}{% for a in range(99999) %}{% set ns.x = ns.x|forceescape %}{% endfor %}",
                "{% set ns = namespace(x='\\u00df') %}{% for a in range(99) %}{% set ns.x = (ns.x ~ ns.x)|upper %}{% endfor %}",
                "{{ 'a'.center(10**9) }}",
                "{{ 'a'.ljust(10**9) }}{{ 'a'.rjust(10**9) }}",
                "{{ '1'.zfill(10**9) }}",
                "{{ '\\t'.expandtabs(10**9) }}",
                "{{ 'a\\nb'|indent(10**9) }}",
                "{{ 'a'|center(10**9) }}",
                "{{ '%1000000000d' % 1 }}",
                "{{ '%.1000000000f' % 1 }}",
                "{{ '%*d' % (10**9, 1) }}",
                "{{ '{:1000000000}'.format(1) }}",
                "{{ '{:.1000000000f}'.format(1) }}",
                "{{ [1]|tojson(indent=10**9) }}",
                "{{ [[[1]]]|tojson(indent=text * 1000) }}",
                "{% for a in range(99999) %}{{ text }}{% endfor %}",
                "{% macro f() %}{{ text }}{{ text }}{% endmacro %}{% for a in range(99999) %}{{ f() }}{% endfor %}",
                // Collections.
                "{{ [1] * 10**9 }}",
                "{{ ([1] * 1000) * 10**6 }}",
                "{% set ns = namespace(x=[1]) %}{% for a in range(99) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x=[1]) %}{% for a in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[1]) %}{% for a in range(99) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x|tojson }}",
                "{% set ns = namespace(x=(1,), y=(1,)) %}{% for a in range(90) %}{% set ns.x = (ns.x, ns.x) %}"
                        + "{% set ns.y = (ns.y, ns.y) %}{% endfor %}{{ ns.x == ns.y }}",
                "{% set ns = namespace(x=(1,)) %}{% for a in range(90) %}{% set ns.x = (ns.x, ns.x) %}{% endfor %}{{ {ns.x: 1} }}",
                "{% set ns = namespace(x=[]) %}{% for a in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[]) %}{% for a in range(99999) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x|tojson }}",
                "{% set ns = namespace() %}{% set ns.me = ns %}{{ ns }}",
                "{% set ns = namespace() %}{% set ns.me = [{'a': ns}] %}{{ ns.me }}",
                "{% set ns = namespace(x=[]) %}{% for a in range(99999) %}{% set ns.x = ns.x + [text.split('')] %}{% endfor %}",
                "{{ [1]|batch(10**9, 0)|list }}",
                "{{ [1]|slice(10**9)|list }}",
                "{% set ns = namespace(x={}) %}{% for a in range(99999) %}{% set ns.x = dict(ns.x, **{a|string: a}) %}{% endfor %}",
                // Calls and nesting.
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% macro f() %}{% if 0 %}{{ caller() }}{% endif %}{% call f() %}a{% endcall %}{% endmacro %}{% call f() %}a{% endcall %}",
                "{% for a in [1] recursive %}{% if 0 %}{% endif %}{{ loop([1]) }}{% endfor %}",
                "{% set f = namespace() %}{% macro g() %}{% set x %}{{ f.g() }}{% endset %}{% endmacro %}{% set f.g = g %}{{ g() }}",
                "{{ 'a'|map(*(['map'] * 9999 + ['upper']))|list }}",
                "{{ text|select(*(['string'] * 9999))|list }}",
                "{% macro f() %}{% filter upper %}{% with %}{% generation %}{{ f()|upper|lower }}{% endgeneration %}{% endwith %}"
                        + "{% endfilter %}{% endmacro %}{{ f() }}",
                "{% macro f(a=f()) %}{% endmacro %}{{ f() }}",
                "{% macro f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% endif %}{% endmacro %}{{ f(40) }}",
                // Numbers.
                "{{ 10 ** (10 ** 10) }}",
                "{{ 2 ** 99999999 }}",
                "{{ 2.0 ** 99999 }}",
                "{% set ns = namespace(x=3) %}{% for a in range(99) %}{% set ns.x = ns.x * ns.x %}{% endfor %}",
                "{{ 1.5|round(10**9) }}",
                "{% for a in range(99999) %}{% for b in range(999) %}{% if 5e-324 < 2 ** 1000 %}{% endif %}{% endfor %}{% endfor %}",
                "{% for a in range(99999) %}{% for b in range(999) %}{{ 5e-324 }}{% endfor %}{% endfor %}",
                "{% for a in range(99999) %}{% for b in range(999) %}{{ '%.900f' % 5e-324 }}{% endfor %}{% endfor %}",
                "{% for a in range(99999) %}{% for b in range(99) %}{{ {}[text * 100] }}{% endfor %}{% endfor %}",
                "{{ [{}]|map(attribute='.' * 10000000)|list }}{{ [{}]|sort(attribute=',' * 10000000) }}",
                "{{ 1|round(-10**9) }}",
            })
    void ends_at_a_limit(String template) throws InterruptedException {
        JinjaException e = failure(template);
        assertTrue(e.reason() == Reason.LIMIT || e.reason() == Reason.VALUE, e.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"(", "[", "{1:", "{'a':[", "not ", "-", "f(", "x[", "1 if ", "1 if 1 else ", "a|b(", "a is b("})
    void deep_nesting_is_no_deep_recursion(String piece) throws InterruptedException {
        JinjaException e = failure("{{ " + piece.repeat(200_000));
        assertTrue(e.reason() == Reason.LIMIT || e.reason() == Reason.SYNTAX, e.toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% if 1 %}",
                "{% for a in list %}",
                "{% macro f() %}",
                "{% set a %}",
                "{% filter upper %}",
                "{% call f() %}",
                "{% with %}",
                "{% generation %}",
                "{% if 0 %}{% else %}{% if 1 %}",
            })
    void deep_blocks_are_no_deep_recursion(String piece) throws InterruptedException {
        assertEquals(Reason.LIMIT, failure(piece.repeat(100_000)).reason());
    }

    @ParameterizedTest
    @ValueSource(strings = {".a", "[0]", "()", "|string", "|list|first", "|default('')"})
    void long_chains_are_no_deep_recursion(String piece) throws InterruptedException {
        assertNotNull(failure("{{ text" + piece.repeat(100_000) + " }}"));
    }

    @ParameterizedTest
    @ValueSource(strings = {" + text", " ~ text", " and text", " or text", " * 1", ", text", " == text", " in text"})
    void long_expressions_take_no_stack(String piece) throws InterruptedException {
        Throwable end = render("{{ (text" + piece.repeat(20_000) + ")|length }}", Map.of("text", "a"));
        assertTrue(end == null || end instanceof JinjaException, String.valueOf(end));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{{{{{{{",
                "{%{%{%{%",
                "{#{#{#{#",
                "{% raw %}{% ",
                "{%raw%}{%-   endra",
                "{{ ''''",
                "{{ '\\",
                "{{ 1_1_1_",
                "{{ 1e1e1e",
                "   {%",
                "\n\n\n{%-",
                "-%}",
                "{# -",
                "x{% if 1 -%}  ",
                "{{ a.b|c",
                "{{- 0x",
                "}}}}",
                "{{ \"\\\\",
            })
    void reading_takes_time_in_the_length_of_the_template(String piece) throws InterruptedException {
        Throwable end = render(piece.repeat(1_000_000 / piece.length()), Map.of());
        assertTrue(end == null || end instanceof JinjaException, String.valueOf(end));
    }

    @Test
    void a_template_of_a_megabyte_is_rendered_and_a_larger_one_refused() throws InterruptedException {
        assertEquals(null, render("text {{ 1 }} {# c #}\n".repeat(50_000), Map.of()));
        assertEquals(Reason.LIMIT, failure("a".repeat(4_000_001)).reason());
        JinjaException tokens = failure("{{ " + "a,".repeat(1_000_000) + " }}");
        assertEquals(Reason.LIMIT, tokens.reason());
        assertTrue(String.valueOf(tokens.getMessage()).contains("400000 tokens"), tokens::toString);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ hay in needle }}{{ needle in hay }}",
                "{{ hay.rsplit('a', 10**6)|length }}{{ (' a' * 500000).rsplit(none, 10**7)|length }}",
                "{{ hay.count(needle) }}{{ hay.find(needle) }}{{ hay.rfind(needle) }}",
                "{{ hay.split(needle)|length }}{{ hay.rsplit(needle, 5)|length }}{{ hay.replace(needle, '')|length }}",
                "{% for i in range(10) %}{{ hay.partition(needle)|length }}{{ (hay ~ i) == (hay ~ i) }}{% endfor %}",
            })
    void searching_takes_time_in_the_length_of_the_text(String template) throws InterruptedException {
        Map<String, Object> variables = Map.of("hay", "a".repeat(1_000_000), "needle", "a".repeat(500_000) + "b");
        Throwable end = render(template, variables);
        assertTrue(end == null || end instanceof JinjaException, String.valueOf(end));
    }

    @Test
    void comparing_long_texts_counts() throws InterruptedException {
        String template = "{% set ns = namespace(n=0) %}{% for i in range(99999) %}{% if a == b %}{% set ns.n = 1 %}"
                + "{% endif %}{{ a|length }}{% if a < b or a in c %}{% endif %}{% endfor %}";
        Map<String, Object> variables = new HashMap<>();
        variables.put("a", "a".repeat(1_000_000));
        variables.put("b", "a".repeat(1_000_000));
        variables.put("c", List.of("b"));
        Throwable end = render(template, variables);
        assertTrue(end instanceof JinjaException, String.valueOf(end));
    }

    @Test
    void variables_that_hold_themselves_are_an_error() {
        List<Object> list = new ArrayList<>();
        list.add(list);
        JinjaException e =
                assertThrows(JinjaException.class, () -> JinjaTemplate.parse("").render(Map.of("list", list)));
        assertEquals(Reason.LIMIT, e.reason());
    }

    @Test
    void a_large_input_allows_more() {
        String long1 = "word ".repeat(400_000);
        List<Map<String, Object>> messages = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            messages.add(Map.of("role", i % 2 == 0 ? "user" : "assistant", "content", new Marked(long1, i + 1)));
        }
        Limits limits = new Limits(1_000_000, 1_000_000, 100_000, 16_000_000);
        Rendering rendering = JinjaTemplate.parse(Golden.templates().get("qwen3"))
                .render(Map.of("messages", messages), limits, () -> Golden.NOW);
        assertTrue(rendering.text().length() > 8_000_000);
    }

    @Test
    void the_rendered_text_is_bounded() {
        Limits limits = new Limits(1000, 10_000, 1000, 100);
        JinjaException e = assertThrows(
                JinjaException.class,
                () -> JinjaTemplate.parse("{{ 'ab' * 51 }}").render(Map.of(), limits, () -> Golden.NOW));
        assertEquals("the template renders more than 100 characters", e.problem());
        assertEquals(
                100,
                JinjaTemplate.parse("{{ 'ab' * 50 }}")
                        .render(Map.of(), limits, () -> Golden.NOW)
                        .text()
                        .length());
    }

    @Test
    void what_the_smallest_stack_does_not_hold_is_a_template_error() throws InterruptedException {
        int depth = 90;
        String loops = "{% for a in [1] %}".repeat(depth) + "{{ a }}" + "{% endfor %}".repeat(depth);
        String brackets = "{{ " + "(".repeat(depth / 2) + "1" + ")".repeat(depth / 2) + " }}";
        for (String template : List.of(loops, brackets)) {
            Throwable end = render(template, Map.of(), 1);
            assertTrue(end == null || end instanceof JinjaException, String.valueOf(end));
            assertNull(render(template, Map.of(), 16L << 20));
        }
    }
}
