package dev.demur.jinja;

import dev.demur.jinja.JinjaException.Reason;
import dev.demur.jinja.Token.Kind;
import java.util.List;

/** The tokens of a template, read from the first to the last. */
final class Tokens {

    /** How deep brackets, operators and blocks may lie in one another. */
    private static final int DEEPEST = 100;

    private final List<Token> tokens;
    private int at;
    private int depth;

    Tokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    /** The token behind the next one. */
    Token second() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = peek();
        if (token.kind() != Kind.END) {
            at++;
        }
        return token;
    }

    int line() {
        return peek().line();
    }

    boolean at(Kind kind) {
        return peek().kind() == kind;
    }

    boolean atOperator(String operator) {
        return peek().is(Kind.OPERATOR, operator);
    }

    boolean atName(String name) {
        return peek().is(Kind.NAME, name);
    }

    boolean skipOperator(String operator) {
        return skip(atOperator(operator));
    }

    boolean skipName(String name) {
        return skip(atName(name));
    }

    private boolean skip(boolean there) {
        at += there ? 1 : 0;
        return there;
    }

    Token expect(Kind kind, String wanted) {
        if (!at(kind)) {
            throw unexpected(wanted);
        }
        return next();
    }

    void expectOperator(String operator) {
        if (!skipOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    void expectName(String name) {
        if (!skipName(name)) {
            throw unexpected("'" + name + "'");
        }
    }

    Failure unexpected(String wanted) {
        return problem("there should be " + wanted + " where " + peek().shown() + " stands");
    }

    static Failure problem(String what) {
        return new Failure(Reason.SYNTAX, what);
    }

    /** Counts something that lies within something else. */
    void enter() {
        if (++depth > DEEPEST) {
            throw Failure.limit("expressions and blocks are nested more than " + DEEPEST + " deep");
        }
    }

    void leave() {
        depth--;
    }
}
