package dev.demur.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.jinja.JinjaException.Reason;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Templates mean what they mean to jinja2 as transformers configures it. */
class JinjaTemplateTest {

    private static final Map<String, Set<Reason>> REASONS = Map.of(
            "raised", Set.of(Reason.RAISED),
            "undefined", Set.of(Reason.UNDEFINED, Reason.UNKNOWN),
            "sandbox", Set.of(Reason.FORBIDDEN),
            "syntax", Set.of(Reason.SYNTAX, Reason.UNKNOWN),
            "other", Set.of(Reason.VALUE, Reason.LIMIT, Reason.UNKNOWN));

    static List<Golden.Case> constructs() {
        return Golden.constructs();
    }

    static List<Golden.Case> families() {
        return Golden.families();
    }

    @ParameterizedTest(name = "[{index}] {0}")
    @MethodSource("constructs")
    void a_construct_gives_what_jinja2_gives(Golden.Case golden) {
        check(golden);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("families")
    void a_template_of_a_family_gives_what_jinja2_gives(Golden.Case golden) {
        check(golden);
    }

    private static void check(Golden.Case golden) {
        if (golden.error() == null) {
            assertEquals(
                    golden.expected(),
                    Golden.render(golden.template(), golden.variables()).text());
            return;
        }
        JinjaException e =
                assertThrows(JinjaException.class, () -> Golden.render(golden.template(), golden.variables()));
        assertTrue(REASONS.get(golden.error()).contains(e.reason()), golden.error() + " is not " + e);
        if (golden.message() != null) {
            assertEquals(golden.message(), e.problem());
        }
    }

    @Test
    void the_goldens_hold_every_family_and_few_errors() {
        assertTrue(Golden.templates().size() >= 28, Golden.templates().keySet().toString());
        assertTrue(Golden.constructs().size() >= 240);
        long rendered =
                families().stream().filter(golden -> golden.error() == null).count();
        assertTrue(
                rendered > families().size() * 8 / 10,
                rendered + " of " + families().size());
    }

    private static JinjaException failure(String template) {
        return assertThrows(JinjaException.class, () -> Golden.render(template, Map.of("x", "text", "l", List.of(1))));
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{{ x!urlize }}           | UNKNOWN   | there is no filter 'urlize'",
                "{{ x is odder }}         | UNKNOWN   | there is no test 'odder'",
                "{% include 'a' %}        | UNKNOWN   | there is no tag 'include'",
                "{{ x.encode() }}         | UNKNOWN   | 'str' has no attribute 'encode', which is called",
                "{{ nothing.y }}          | UNDEFINED | 'nothing' is undefined",
                "{{ nothing() }}          | UNDEFINED | 'nothing' is undefined",
                "{{ l.append(2) }}        | FORBIDDEN | templates may not use 'append' of 'list'",
                "{{ x.__class__.y }}      | FORBIDDEN | templates may not use '__class__' of 'str'",
                "{{ x + 1 }}              | VALUE     | the operator + does not take a str and a int",
                "{{ 1 / 0 }}              | VALUE     | division by zero",
                "{{ raise_exception(x) }} | RAISED    | text",
                "{{ x                     | SYNTAX    | there should be '}}' where the end of the template stands",
                "{% for a in l %}         | SYNTAX    | a block is not closed by {% else %} or {% endfor %}",
                "{% endfor %}             | SYNTAX    | the tag 'endfor' closes nothing that is open",
                "{{ 'x }}                 | SYNTAX    | a string has no closing '",
                "{# x                     | SYNTAX    | a comment {# has no end #}",
            })
    void an_error_says_what_is_wrong(String template, Reason reason, String problem) {
        JinjaException e = failure(template.replace('!', '|'));
        assertEquals(problem, e.problem());
        assertEquals(reason, e.reason());
        assertEquals("chat template, line 1: " + problem, e.getMessage());
    }

    @Test
    void an_error_names_the_line_where_it_happened() {
        assertEquals(
                3, failure("a\n{% if true %}\n{{ nothing.x }}\n{% endif %}").line());
        assertEquals(4, failure("{#\n\n#}\n{{ 'a\nb' + 1 }}").line());
        assertEquals(
                2,
                failure("{% macro f() %}\n{{ 1 + 'a' }}\n{% endmacro %}\n\n{{ f() }}")
                        .line());
        assertEquals(
                5,
                failure("{% macro f() %}\n1\n{% endmacro %}\n\n{{ f() + 1 }}").line());
        assertEquals(3, failure("a\r\nb\r{{ ( }}").line());
        assertEquals(2, failure("{{ {\n'a' 'b'} }}").line());
        assertEquals(3, failure("{%- raw %}\n{% endraw -%}\n{{ ? }}").line());
    }

    @Test
    void a_long_message_is_cut() {
        JinjaException e = failure("{{ raise_exception('a' * 100000) }}");
        assertEquals(2001, e.problem().length());
    }

    @Test
    void variables_are_strings_booleans_numbers_lists_and_maps() {
        Map<String, Object> variables = new HashMap<>();
        variables.put(
                "all",
                Arrays.asList(
                        null,
                        true,
                        (byte) 1,
                        (short) 2,
                        3,
                        4L,
                        BigInteger.TEN,
                        1.5f,
                        2.5,
                        new BigDecimal("0.25"),
                        "s"));
        variables.put("map", Map.of(1, "one"));
        assertEquals(
                "[None, True, 1, 2, 3, 4, 10, 1.5, 2.5, 0.25, 's'] {1: 'one'}",
                JinjaTemplate.parse("{{ all }} {{ map }}").render(variables).text());
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> JinjaTemplate.parse("").render(Map.of("x", new StringBuilder())));
        assertEquals("a template takes no java.lang.StringBuilder as a variable", e.getMessage());
    }

    @Test
    void a_template_is_rendered_many_times_and_keeps_nothing() {
        JinjaTemplate template = JinjaTemplate.parse(
                "{% set ns = namespace(n=0) %}{% for x in l %}{% set ns.n = ns.n + x %}{% endfor %}{{ ns.n }}");
        assertEquals("3", template.render(Map.of("l", List.of(1, 2))).text());
        assertEquals("7", template.render(Map.of("l", List.of(3, 4))).text());
    }
}
