package dev.demur.jinja;

import dev.demur.jinja.Expressions.CallArguments;
import dev.demur.jinja.Expressions.Constant;
import dev.demur.jinja.Expressions.FilterCall;
import dev.demur.jinja.Expressions.Link;
import dev.demur.jinja.Token.Kind;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads expressions, by descent along the ranks of their operators. */
final class ExpressionParser {

    private static final Set<String> COMPARING = Set.of("==", "!=", "<", "<=", ">", ">=");

    private final Tokens tokens;
    private final Consumer<String> named;

    /** A parser that tells {@code named} every variable it reads. */
    ExpressionParser(Tokens tokens, Consumer<String> named) {
        this.tokens = tokens;
        this.named = named;
    }

    Expression expression() {
        tokens.enter();
        int line = tokens.line();
        Expression value = withoutCondition();
        while (tokens.skipName("if")) {
            Expression test = withoutCondition();
            Expression otherwise = tokens.skipName("else") ? expression() : null;
            value = new Expressions.Conditional(test, value, otherwise, line);
        }
        tokens.leave();
        return value;
    }

    Expression withoutCondition() {
        return logic("or", () -> logic("and", this::negation));
    }

    private Expression logic(String operator, Supplier<Expression> operand) {
        Expression first = operand.get();
        if (!tokens.atName(operator)) {
            return first;
        }
        List<Expression> operands = new ArrayList<>(List.of(first));
        while (tokens.skipName(operator)) {
            operands.add(operand.get());
        }
        return new Expressions.Logic(operator.equals("and"), operands);
    }

    private Expression negation() {
        int line = tokens.line();
        if (!tokens.skipName("not")) {
            return comparison();
        }
        tokens.enter();
        Expression negated = new Expressions.Unary("not", negation(), line);
        tokens.leave();
        return negated;
    }

    private Expression comparison() {
        int line = tokens.line();
        Expression first = sum();
        List<Link> links = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            String operator;
            if (token.kind() == Kind.OPERATOR && COMPARING.contains(token.text())) {
                operator = tokens.next().text();
            } else if (tokens.skipName("in")) {
                operator = "in";
            } else if (tokens.atName("not") && tokens.second().is(Kind.NAME, "in")) {
                tokens.next();
                tokens.next();
                operator = "not in";
            } else {
                return links.isEmpty() ? first : new Expressions.Comparisons(first, links, line);
            }
            links.add(new Link(operator, sum()));
        }
    }

    private Expression sum() {
        return chain(Set.of("+", "-"), this::concatenation);
    }

    private Expression concatenation() {
        Expression first = product();
        if (!tokens.atOperator("~")) {
            return first;
        }
        List<Expression> parts = new ArrayList<>(List.of(first));
        while (tokens.skipOperator("~")) {
            parts.add(product());
        }
        return new Expressions.Concatenation(parts);
    }

    private Expression product() {
        return chain(Set.of("*", "/", "//", "%"), () -> chain(Set.of("**"), () -> unary(true)));
    }

    private Expression chain(Set<String> operators, Supplier<Expression> operand) {
        int line = tokens.line();
        Expression first = operand.get();
        List<Link> links = new ArrayList<>();
        while (tokens.at(Kind.OPERATOR) && operators.contains(tokens.peek().text())) {
            links.add(new Link(tokens.next().text(), operand.get()));
        }
        return links.isEmpty() ? first : new Expressions.Chain(first, links, line);
    }

    private Expression unary(boolean filters) {
        int line = tokens.line();
        Expression value;
        if (tokens.atOperator("-") || tokens.atOperator("+")) {
            tokens.enter();
            String operator = tokens.next().text();
            value = new Expressions.Unary(operator, unary(false), line);
            tokens.leave();
        } else {
            value = primary();
        }
        value = postfix(value);
        return filters ? filtered(value) : value;
    }

    /** A literal, a variable, or what stands in brackets. */
    Expression primary() {
        Token token = tokens.next();
        switch (token.kind()) {
            case NAME:
                return name(token.text());
            case STRING:
                StringBuilder text = new StringBuilder(token.text());
                while (tokens.at(Kind.STRING)) {
                    text.append(tokens.next().text());
                }
                return new Constant(Text.of(text.toString()));
            case INTEGER:
                return new Constant(new Int(whole(token.text()), 0));
            case FLOAT:
                return new Constant(new Real(Double.parseDouble(token.text()), 0));
            case OPERATOR:
                return bracketed(token);
            default:
                throw Tokens.problem("there should be an expression where " + token.shown() + " stands");
        }
    }

    private static BigInteger whole(String written) {
        BigInteger number = written.length() > Int.MOST_BITS ? null : Numbers.parseWhole(written, 0);
        if (number == null) {
            throw Tokens.problem("the number " + written + " cannot be read");
        }
        return number;
    }

    private Expression name(String name) {
        switch (name) {
            case "true", "True":
                return new Constant(Bool.TRUE);
            case "false", "False":
                return new Constant(Bool.FALSE);
            case "none", "None":
                return new Constant(None.NONE);
            default:
                named.accept(name);
                return new Expressions.Name(name);
        }
    }

    private Expression bracketed(Token opening) {
        tokens.enter();
        Expression value;
        switch (opening.text()) {
            case "(":
                value = tuple(true, this::expression, "");
                tokens.expectOperator(")");
                break;
            case "[":
                value = new Expressions.Sequence(list(), false);
                break;
            case "{":
                value = mapping(opening.line());
                break;
            default:
                throw Tokens.problem("there should be an expression where " + opening.shown() + " stands");
        }
        tokens.leave();
        return value;
    }

    private List<Expression> list() {
        List<Expression> items = new ArrayList<>();
        while (!tokens.skipOperator("]")) {
            if (!items.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.skipOperator("]")) {
                    break;
                }
            }
            items.add(expression());
        }
        return items;
    }

    private Expression mapping(int line) {
        List<Expression> keys = new ArrayList<>();
        List<Expression> values = new ArrayList<>();
        while (!tokens.skipOperator("}")) {
            if (!keys.isEmpty()) {
                tokens.expectOperator(",");
                if (tokens.skipOperator("}")) {
                    break;
                }
            }
            keys.add(expression());
            tokens.expectOperator(":");
            values.add(expression());
        }
        return new Expressions.Mapping(keys, values, line);
    }

    /** What a tag holds: an expression, or several with commas between them, which are a tuple. */
    Expression tuple() {
        return tuple(false, this::expression, "");
    }

    /** The same without conditions, up to a name that may stand behind it. */
    Expression tupleWithoutCondition(String behind) {
        return tuple(false, this::withoutCondition, behind);
    }

    private Expression tuple(boolean mayBeEmpty, Supplier<Expression> item, String behind) {
        List<Expression> items = new ArrayList<>();
        boolean several = false;
        while (!atTupleEnd(behind)) {
            items.add(item.get());
            if (!tokens.skipOperator(",")) {
                break;
            }
            several = true;
        }
        if (!several && items.size() == 1) {
            return items.get(0);
        }
        if (items.isEmpty() && !mayBeEmpty) {
            throw tokens.unexpected("an expression");
        }
        return new Expressions.Sequence(items, true);
    }

    private boolean atTupleEnd(String behind) {
        return tokens.at(Kind.VARIABLE_END)
                || tokens.at(Kind.BLOCK_END)
                || tokens.atOperator(")")
                || (!behind.isEmpty() && tokens.atName(behind));
    }

    private Expression postfix(Expression of) {
        Expression value = of;
        while (true) {
            if (tokens.atOperator(".")) {
                value = attribute(value);
            } else if (tokens.atOperator("[")) {
                value = subscript(value);
            } else if (tokens.atOperator("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    private Expression attribute(Expression of) {
        int line = tokens.next().line();
        Token name = tokens.next();
        if (name.kind() == Kind.NAME) {
            return new Expressions.Attribute(of, name.text(), line);
        }
        if (name.kind() == Kind.INTEGER) {
            return new Expressions.Item(of, new Constant(new Int(whole(name.text()), 0)), line);
        }
        throw Tokens.problem("there should be a name behind the point where " + name.shown() + " stands");
    }

    private Expression subscript(Expression of) {
        int line = tokens.next().line();
        tokens.enter();
        Expression none = new Constant(None.NONE);
        List<Expression> parts = new ArrayList<>();
        boolean slice = false;
        if (!tokens.atOperator(":")) {
            parts.add(expression());
        } else {
            parts.add(none);
        }
        while (parts.size() < 3 && tokens.skipOperator(":")) {
            slice = true;
            boolean left = tokens.atOperator(":") || tokens.atOperator("]") || tokens.atOperator(",");
            parts.add(left ? none : expression());
        }
        if (!slice && tokens.atOperator(",")) {
            while (tokens.skipOperator(",")) {
                parts.add(expression());
            }
            tokens.expectOperator("]");
            tokens.leave();
            return new Expressions.Item(of, new Expressions.Sequence(parts, true), line);
        }
        tokens.expectOperator("]");
        tokens.leave();
        if (!slice) {
            return new Expressions.Item(of, parts.get(0), line);
        }
        return new Expressions.Slice(of, parts.get(0), parts.get(1), parts.size() > 2 ? parts.get(2) : none, line);
    }

    Expressions.Call call(Expression callee) {
        int line = tokens.line();
        return new Expressions.Call(callee, arguments(), line);
    }

    private CallArguments arguments() {
        tokens.expectOperator("(");
        tokens.enter();
        List<Expression> positional = new ArrayList<>();
        Map<String, Expression> byName = new LinkedHashMap<>();
        Expression more = null;
        Expression moreNamed = null;
        boolean first = true;
        while (!tokens.skipOperator(")")) {
            if (!first) {
                tokens.expectOperator(",");
                if (tokens.skipOperator(")")) {
                    break;
                }
            }
            first = false;
            if (tokens.skipOperator("*")) {
                requireOrder(more == null && moreNamed == null);
                more = expression();
            } else if (tokens.skipOperator("**")) {
                requireOrder(moreNamed == null);
                moreNamed = expression();
            } else if (tokens.at(Kind.NAME) && tokens.second().is(Kind.OPERATOR, "=")) {
                requireOrder(moreNamed == null);
                String name = tokens.next().text();
                tokens.next();
                requireOrder(byName.put(name, expression()) == null);
            } else {
                requireOrder(more == null && moreNamed == null && byName.isEmpty());
                positional.add(expression());
            }
        }
        tokens.leave();
        return new CallArguments(positional, byName, more, moreNamed);
    }

    private static void requireOrder(boolean right) {
        if (!right) {
            throw Tokens.problem("the arguments of a call are out of order, or one is named twice");
        }
    }

    private Expression filtered(Expression of) {
        Expression value = of;
        while (true) {
            if (tokens.atOperator("|")) {
                tokens.next();
                value = new Expressions.Filtered(value, filter());
            } else if (tokens.atName("is")) {
                value = test(value);
            } else if (tokens.atOperator("(")) {
                value = call(value);
            } else {
                return value;
            }
        }
    }

    /** A filter's name and arguments. */
    FilterCall filter() {
        int line = tokens.line();
        String name = dotted("the name of a filter");
        return new FilterCall(name, tokens.atOperator("(") ? arguments() : CallArguments.NONE, line);
    }

    /** Filters behind one another, each behind its bar. */
    List<FilterCall> filters() {
        List<FilterCall> filters = new ArrayList<>();
        while (tokens.skipOperator("|")) {
            filters.add(filter());
        }
        return filters;
    }

    private String dotted(String wanted) {
        StringBuilder name = new StringBuilder(tokens.expect(Kind.NAME, wanted).text());
        while (tokens.skipOperator(".")) {
            name.append('.').append(tokens.expect(Kind.NAME, wanted).text());
        }
        return name.toString();
    }

    private Expression test(Expression of) {
        int line = tokens.next().line();
        boolean negated = tokens.skipName("not");
        String name = dotted("the name of a test");
        CallArguments arguments = CallArguments.NONE;
        if (tokens.atOperator("(")) {
            arguments = arguments();
        } else if (atTestArgument()) {
            if (tokens.atName("is")) {
                throw Tokens.problem("tests cannot follow one another: put the first in parentheses");
            }
            arguments = new CallArguments(List.of(postfix(primary())), Map.of(), null, null);
        }
        Expression test = new Expressions.Tested(of, name, arguments, line);
        return negated ? new Expressions.Unary("not", test, line) : test;
    }

    private boolean atTestArgument() {
        return switch (tokens.peek().kind()) {
            case STRING, INTEGER, FLOAT -> true;
            case NAME -> !tokens.atName("else") && !tokens.atName("or") && !tokens.atName("and");
            case OPERATOR -> tokens.atOperator("[") || tokens.atOperator("{");
            default -> false;
        };
    }

    /** Whether a name can be a variable's. */
    static @Nullable String assignable(String name) {
        return switch (name) {
            case "true", "True", "false", "False", "none", "None" -> null;
            default -> name;
        };
    }
}
