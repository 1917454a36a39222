package dev.demur.jinja;

import dev.demur.jinja.Expressions.FilterCall;
import dev.demur.jinja.Token.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Reads a template into statements. */
final class Parser {

    private static final Set<String> SPECIAL = Set.of("caller", "varargs", "kwargs");

    private final Tokens tokens;
    private final ExpressionParser expressions;

    /** The special variables that the macros around here name, the innermost first. */
    private final Deque<Set<String>> uses = new ArrayDeque<>();

    private int loops;

    Parser(List<Token> tokens) {
        this.tokens = new Tokens(tokens);
        this.expressions = new ExpressionParser(this.tokens, this::name);
    }

    private void name(String name) {
        if (SPECIAL.contains(name)) {
            uses.forEach(macro -> macro.add(name));
        }
    }

    /** The line that is being read. */
    int line() {
        return tokens.line();
    }

    /** The whole template. */
    List<Statement> template() {
        List<Statement> body = body(Set.of());
        if (!tokens.at(Kind.END)) {
            throw tokens.unexpected("the end of the template");
        }
        return body;
    }

    /** Statements up to a tag of one of these names, of which the name is next then; or up to the end, for none. */
    private List<Statement> body(Set<String> ends) {
        tokens.enter();
        List<Statement> body = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            switch (token.kind()) {
                case DATA:
                    body.add(new Statements.Data(Text.of(tokens.next().text())));
                    break;
                case VARIABLE_BEGIN:
                    tokens.next();
                    body.add(new Statements.Print(expressions.tuple(), token.line()));
                    tokens.expect(Kind.VARIABLE_END, "'}}'");
                    break;
                case BLOCK_BEGIN:
                    tokens.next();
                    if (tokens.at(Kind.NAME) && ends.contains(tokens.peek().text())) {
                        tokens.leave();
                        return body;
                    }
                    statement(body);
                    tokens.expect(Kind.BLOCK_END, "'%}'");
                    break;
                case END:
                    if (!ends.isEmpty()) {
                        throw Tokens.problem("a block is not closed by {% "
                                + String.join(" %} or {% ", new TreeSet<>(ends)) + " %}");
                    }
                    tokens.leave();
                    return body;
                default:
                    throw tokens.unexpected("text or a tag");
            }
        }
    }

    /** The rest of the opening tag, the statements, and the name of the closing one. */
    private List<Statement> block(String end) {
        List<Statement> body = blockUntil(Set.of(end));
        tokens.next();
        return body;
    }

    private List<Statement> blockUntil(Set<String> ends) {
        tokens.skipOperator(":");
        tokens.expect(Kind.BLOCK_END, "'%}'");
        return body(ends);
    }

    private void statement(List<Statement> body) {
        Token tag = tokens.expect(Kind.NAME, "the name of a tag");
        int line = tag.line();
        switch (tag.text()) {
            case "for" -> body.add(loop(line));
            case "if" -> body.add(condition());
            case "set" -> body.add(set(line));
            case "macro" -> {
                String name = variable();
                body.add(new Statements.Define(macro(name, parameters(), "endmacro")));
            }
            case "call" -> body.add(callBlock());
            case "filter" -> {
                List<FilterCall> filters = new ArrayList<>(List.of(expressions.filter()));
                filters.addAll(expressions.filters());
                body.add(new Statements.FilterBlock(filters, block("endfilter")));
            }
            case "with" -> body.add(with());
            case "generation" -> body.add(generation());
            case "print" -> {
                do {
                    body.add(new Statements.Print(expressions.expression(), line));
                } while (tokens.skipOperator(","));
            }
            case "break" -> body.add(leave(Flow.BREAK, tag));
            case "continue" -> body.add(leave(Flow.CONTINUE, tag));
            default -> throw unknown(tag.text());
        }
    }

    private static Failure unknown(String tag) {
        boolean closing = tag.startsWith("end") || tag.equals("else") || tag.equals("elif");
        return closing
                ? Tokens.problem("the tag '" + tag + "' closes nothing that is open")
                : Failure.unknown("there is no tag '" + tag + "'");
    }

    private Statement leave(Flow flow, Token tag) {
        if (loops == 0) {
            throw Tokens.problem("'" + tag.text() + "' stands in no loop");
        }
        return new Statements.Leave(flow);
    }

    private Statement loop(int line) {
        Target target = target("in", false);
        tokens.expectName("in");
        Expression iterable = expressions.tupleWithoutCondition("recursive");
        Expression filter = tokens.skipName("if") ? expressions.expression() : null;
        boolean recursive = tokens.skipName("recursive");
        loops++;
        List<Statement> body = blockUntil(Set.of("endfor", "else"));
        loops--;
        boolean otherwise = tokens.next().text().equals("else");
        return new For(target, iterable, filter, recursive, body, otherwise ? block("endfor") : List.of(), line);
    }

    private Statement condition() {
        List<Statements.Branch> branches = new ArrayList<>();
        List<Statement> otherwise = List.of();
        String next;
        do {
            Expression test = expressions.tupleWithoutCondition("");
            branches.add(new Statements.Branch(test, blockUntil(Set.of("elif", "else", "endif"))));
            next = tokens.next().text();
        } while (next.equals("elif"));
        if (next.equals("else")) {
            otherwise = block("endif");
        }
        return new Statements.If(branches, otherwise);
    }

    private Statement set(int line) {
        Target target = target("", true);
        if (tokens.skipOperator("=")) {
            return new Statements.Set(target, expressions.tuple(), line);
        }
        List<FilterCall> filters = expressions.filters();
        return new Statements.SetBlock(target, filters, block("endset"), line);
    }

    private Statement callBlock() {
        List<Macro.Parameter> parameters = tokens.atOperator("(") ? parameters() : List.of();
        if (!(expressions.expression() instanceof Expressions.Call call)) {
            throw Tokens.problem("{% call %} needs a call");
        }
        return new Statements.CallBlock(call, macro("caller", parameters, "endcall"));
    }

    private Statement with() {
        List<Target> targets = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.at(Kind.BLOCK_END)) {
            if (!targets.isEmpty()) {
                tokens.expectOperator(",");
            }
            targets.add(target("", false));
            tokens.expectOperator("=");
            values.add(expressions.expression());
        }
        return new Statements.With(targets, values, block("endwith"));
    }

    private Statement generation() {
        int around = loops;
        loops = 0;
        List<Statement> body = block("endgeneration");
        loops = around;
        return new Statements.With(List.of(), List.of(), body);
    }

    private List<Macro.Parameter> parameters() {
        tokens.expectOperator("(");
        List<Macro.Parameter> parameters = new ArrayList<>();
        while (!tokens.skipOperator(")")) {
            if (!parameters.isEmpty()) {
                tokens.expectOperator(",");
            }
            String name = variable();
            Expression otherwise = tokens.skipOperator("=") ? expressions.expression() : null;
            if (otherwise == null && !parameters.isEmpty()) {
                if (parameters.get(parameters.size() - 1).otherwise() != null) {
                    throw Tokens.problem("a parameter without a default stands behind one with a default");
                }
            }
            parameters.add(new Macro.Parameter(name, otherwise));
        }
        return parameters;
    }

    private Macro.Definition macro(String name, List<Macro.Parameter> parameters, String end) {
        Set<String> used = new TreeSet<>();
        uses.push(used);
        int around = loops;
        loops = 0;
        List<Statement> body = block(end);
        loops = around;
        uses.pop();
        return new Macro.Definition(name, parameters, body, List.copyOf(used));
    }

    private String variable() {
        Token token = tokens.expect(Kind.NAME, "a name");
        return assignable(token);
    }

    private static String assignable(Token token) {
        String name = ExpressionParser.assignable(token.text());
        if (name == null) {
            throw Tokens.problem("'" + token.text() + "' cannot be set");
        }
        return name;
    }

    /** What is assigned to: names with commas between them, up to {@code behind}. */
    private Target target(String behind, boolean namespaces) {
        List<Target> targets = new ArrayList<>();
        boolean several = false;
        while (!tokens.at(Kind.BLOCK_END) && !tokens.atOperator(")") && !(!behind.isEmpty() && tokens.atName(behind))) {
            targets.add(single(namespaces));
            if (!tokens.skipOperator(",")) {
                break;
            }
            several = true;
        }
        if (targets.isEmpty()) {
            throw tokens.unexpected("a name");
        }
        return several || targets.size() > 1 ? new Target.Several(targets) : targets.get(0);
    }

    private Target single(boolean namespaces) {
        if (tokens.skipOperator("(")) {
            tokens.enter();
            Target inner = target("", namespaces);
            tokens.leave();
            tokens.expectOperator(")");
            return inner;
        }
        Token token = tokens.expect(Kind.NAME, "a name");
        if (namespaces && tokens.skipOperator(".")) {
            return new Target.InNamespace(
                    token.text(), tokens.expect(Kind.NAME, "a name").text());
        }
        return new Target.Variable(assignable(token));
    }
}
