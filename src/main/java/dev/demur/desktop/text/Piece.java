package dev.demur.desktop.text;

import java.util.ArrayList;
import java.util.List;
import org.commonmark.ext.gfm.tables.TableBlock;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Node;
import org.commonmark.node.SourceSpan;
import org.commonmark.parser.IncludeSourceSpans;
import org.commonmark.parser.Parser;

/**
 * A part of a Markdown text that is shown by one component: prose, code, or a table.
 *
 * @param language of code, as its fence names it; empty where it names none
 * @param text the Markdown of prose and tables, the code itself of code
 */
record Piece(Kind kind, String language, String text) {

    /** What a piece is. */
    enum Kind {
        PROSE,
        CODE,
        TABLE
    }

    private static final Parser PARSER = Parser.builder()
            .extensions(List.of(TablesExtension.create()))
            .includeSourceSpans(IncludeSourceSpans.BLOCKS)
            .build();

    /** The syntax tree of a text. */
    static Node parse(String markdown) {
        return PARSER.parse(markdown);
    }

    /** The parts of a text, in their order. Swing has one direction for each component, so prose ends where that changes. */
    static List<Piece> of(String markdown) {
        List<Piece> pieces = new ArrayList<>();
        int from = -1; // where prose begins that is not taken yet
        boolean rightToLeft = false; // in which direction it is written
        for (Node node = parse(markdown).getFirstChild(); node != null; node = node.getNext()) {
            List<SourceSpan> spans = node.getSourceSpans();
            if (spans.isEmpty()) {
                continue; // a definition of a link
            }
            int begin = spans.get(0).getInputIndex();
            SourceSpan last = spans.get(spans.size() - 1);
            int end = last.getInputIndex() + last.getLength();
            boolean prose = !(node instanceof FencedCodeBlock
                    || node instanceof IndentedCodeBlock
                    || node instanceof TableBlock);
            boolean other =
                    prose && from >= 0 && rightToLeft != ProsePane.isRightToLeft(markdown.substring(begin, end));
            if (from >= 0 && (!prose || other)) {
                pieces.add(new Piece(
                        Kind.PROSE, "", markdown.substring(from, begin).stripTrailing()));
                from = -1;
            }
            if (prose && from < 0) {
                from = begin;
                rightToLeft = ProsePane.isRightToLeft(markdown.substring(begin, end));
            } else if (!prose) {
                pieces.add(other(node, markdown.substring(begin, end)));
            }
        }
        if (from >= 0) {
            pieces.add(new Piece(Kind.PROSE, "", markdown.substring(from).stripTrailing()));
        }
        return pieces;
    }

    private static Piece other(Node node, String source) {
        if (node instanceof FencedCodeBlock code) {
            String info = code.getInfo() == null ? "" : code.getInfo().strip();
            return new Piece(
                    Kind.CODE, info.split("\\s+", 2)[0], code.getLiteral().stripTrailing());
        }
        return node instanceof IndentedCodeBlock code
                ? new Piece(Kind.CODE, "", code.getLiteral().stripTrailing())
                : new Piece(Kind.TABLE, "", source);
    }
}
