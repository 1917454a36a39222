package dev.demur.jinja;

import dev.demur.jinja.Rendering.Segment;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A chat template, read once and rendered for any number of conversations.
 *
 * <p>It means what it means to transformers: jinja2's language with {@code trim_blocks}, {@code lstrip_blocks}, {@code
 * break} and {@code continue}, {@code generation}, {@code raise_exception}, {@code strftime_now} and a {@code tojson} that
 * escapes nothing for HTML, in a sandbox in which lists and mappings cannot be changed. There is no other template to
 * include or to extend. Immutable and thread-safe.
 */
public final class JinjaTemplate {

    /** Templates of models take some kilobytes. */
    private static final int LONGEST = 4_000_000;

    private final List<Statement> statements;

    private JinjaTemplate(List<Statement> statements) {
        this.statements = statements;
    }

    /**
     * Reads a template.
     *
     * @throws JinjaException if it is no template, or uses a tag that is not known here
     */
    public static JinjaTemplate parse(String template) {
        if (template.length() > LONGEST) {
            throw Failure.limit("the template has more than " + LONGEST + " characters")
                    .at(1);
        }
        Lexer lexer = new Lexer(template);
        List<Token> tokens;
        try {
            tokens = lexer.tokens();
        } catch (Failure e) {
            throw e.at(lexer.line());
        }
        Parser parser = new Parser(tokens);
        try {
            return new JinjaTemplate(parser.template());
        } catch (Failure e) {
            throw e.at(parser.line());
        } catch (StackOverflowError e) {
            throw tooDeep().at(parser.line());
        }
    }

    /**
     * Renders the template within the default limits, at the present time of the default time zone.
     *
     * @param variables as in {@link #render(Map, Limits, Supplier)}
     */
    public Rendering render(Map<String, ? extends @Nullable Object> variables) {
        return render(variables, Limits.DEFAULTS, LocalDateTime::now);
    }

    /** A thread may have a stack that holds less than what is allowed. Nothing is kept of what was begun. */
    private static Failure tooDeep() {
        return Failure.limit("the template is nested deeper than the stack of this thread holds");
    }

    /**
     * Renders the template.
     *
     * @param variables by name: null, strings, booleans, numbers (whole ones and floating-point ones of java.lang and
     *     java.math), lists, maps with such keys, and {@link Marked} values of these; they are read at once and not kept
     * @param limits what it may take
     * @param clock the time that the template is told where it asks
     * @throws JinjaException if the template refuses the variables, goes wrong with them or takes more than it may
     * @throws IllegalArgumentException if a variable is of another type
     */
    public Rendering render(
            Map<String, ? extends @Nullable Object> variables, Limits limits, Supplier<LocalDateTime> clock) {
        Run run = new Run(limits, clock);
        Conversion conversion = new Conversion(run);
        try {
            Map<String, Value> values = new HashMap<>();
            variables.forEach((name, value) -> values.put(name, conversion.value(value)));
            run.allowForInput(conversion.characters(), conversion.items());
            TextBuilder out = new TextBuilder(run);
            Frame.outermost(run, values, out).execute(statements);
            return rendering(out.text());
        } catch (Failure e) {
            throw e.at(run.line());
        } catch (StackOverflowError e) {
            throw tooDeep().at(run.line());
        }
    }

    private static Rendering rendering(Text text) {
        List<Segment> segments = new ArrayList<>();
        int from = 0;
        for (int run = 0; run < text.runs(); run++) {
            segments.add(new Segment(text.string().substring(from, text.runEnd(run)), text.runMark(run)));
            from = text.runEnd(run);
        }
        return new Rendering(segments);
    }
}
