package dev.demur.desktop.text;

import java.awt.Color;
import java.awt.ComponentOrientation;
import java.awt.Font;
import java.awt.font.TextAttribute;
import javax.swing.Icon;
import javax.swing.JTextPane;
import javax.swing.UIManager;
import javax.swing.text.AbstractDocument;
import javax.swing.text.AttributeSet;
import javax.swing.text.BadLocationException;
import javax.swing.text.BoxView;
import javax.swing.text.ComponentView;
import javax.swing.text.Element;
import javax.swing.text.IconView;
import javax.swing.text.LabelView;
import javax.swing.text.MutableAttributeSet;
import javax.swing.text.ParagraphView;
import javax.swing.text.SimpleAttributeSet;
import javax.swing.text.StyleConstants;
import javax.swing.text.StyledDocument;
import javax.swing.text.StyledEditorKit;
import javax.swing.text.TabSet;
import javax.swing.text.TabStop;
import javax.swing.text.View;
import javax.swing.text.ViewFactory;
import org.commonmark.node.BlockQuote;
import org.commonmark.node.BulletList;
import org.commonmark.node.Code;
import org.commonmark.node.Emphasis;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.HardLineBreak;
import org.commonmark.node.Heading;
import org.commonmark.node.HtmlBlock;
import org.commonmark.node.HtmlInline;
import org.commonmark.node.Image;
import org.commonmark.node.IndentedCodeBlock;
import org.commonmark.node.Link;
import org.commonmark.node.ListBlock;
import org.commonmark.node.ListItem;
import org.commonmark.node.Node;
import org.commonmark.node.OrderedList;
import org.commonmark.node.Paragraph;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.StrongEmphasis;
import org.commonmark.node.Text;
import org.commonmark.node.ThematicBreak;

/** Prose in Markdown, as a text that can be selected. Nothing in it is fetched, and no HTML is run. */
final class ProsePane {

    private static final int INDENT = 22;
    private static final String EMOJI = "demur.emoji";

    private final JTextPane pane = new JTextPane();
    private final StyledDocument document;
    private boolean first = true;
    private int emoji;

    private ProsePane() {
        pane.setEditorKit(new Wrapping());
        pane.setEditable(false);
        pane.setOpaque(false);
        pane.setDropTarget(null); // files that are dropped are for the window
        pane.setBorder(null);
        pane.setFont(UIManager.getFont("Label.font"));
        document = pane.getStyledDocument();
    }

    /** A text as it is written, without Markdown. */
    static JTextPane plain(String text) {
        ProsePane prose = new ProsePane();
        prose.direct(text);
        for (String line : text.split("\n", -1)) {
            int start = prose.begin();
            prose.append(line, prose.base());
            prose.end(start, line, 0, 0, 0);
        }
        return prose.pane;
    }

    static JTextPane of(String markdown) {
        ProsePane prose = new ProsePane();
        prose.direct(markdown);
        prose.blocks(Piece.parse(markdown), 0, "");
        return prose.pane;
    }

    /** Before there is any text, because Swing orders what it has by the direction that it has then. */
    private void direct(String text) {
        if (isRightToLeft(text)) {
            pane.setComponentOrientation(ComponentOrientation.RIGHT_TO_LEFT);
        }
    }

    private SimpleAttributeSet base() {
        Font font = pane.getFont();
        SimpleAttributeSet attributes = new SimpleAttributeSet();
        StyleConstants.setFontFamily(attributes, font.getFamily());
        StyleConstants.setFontSize(attributes, font.getSize());
        Color colour = UIManager.getColor("Label.foreground");
        if (colour != null) {
            StyleConstants.setForeground(attributes, colour);
        }
        return attributes;
    }

    /** @param marker what stands before the first block, as a list's bullet */
    private void blocks(Node parent, int depth, String marker) {
        String before = marker;
        for (Node node = parent.getFirstChild(); node != null; node = node.getNext()) {
            block(node, depth, before);
            before = "";
        }
    }

    private void block(Node node, int depth, String marker) {
        if (node instanceof Heading heading) {
            SimpleAttributeSet attributes = base();
            StyleConstants.setBold(attributes, true);
            int size = StyleConstants.getFontSize(attributes);
            StyleConstants.setFontSize(attributes, size + Math.max(1, 5 - heading.getLevel()) * size / 13);
            paragraph(node, depth, marker, attributes, 8);
        } else if (node instanceof Paragraph) {
            paragraph(node, depth, marker, base(), tight(node) ? 2 : 6);
        } else if (node instanceof BulletList list) {
            for (Node item = list.getFirstChild(); item != null; item = item.getNext()) {
                blocks(item, depth + 1, "•\t");
            }
        } else if (node instanceof OrderedList list) {
            Integer start = list.getMarkerStartNumber();
            int number = start == null ? 1 : start;
            for (Node item = list.getFirstChild(); item != null; item = item.getNext()) {
                blocks(item, depth + 1, number++ + ".\t");
            }
        } else if (node instanceof BlockQuote) {
            blocks(node, depth + 1, "");
        } else if (node instanceof ThematicBreak) {
            literal("⸻", depth, marker);
        } else if (node instanceof HtmlBlock html) {
            literal(html.getLiteral(), depth, marker);
        } else if (node instanceof FencedCodeBlock code) {
            code(code.getLiteral().stripTrailing(), depth);
        } else if (node instanceof IndentedCodeBlock code) {
            code(code.getLiteral().stripTrailing(), depth);
        } else {
            blocks(node, depth, marker);
        }
    }

    private static boolean tight(Node paragraph) {
        Node item = paragraph.getParent();
        return item instanceof ListItem && item.getParent() instanceof ListBlock list && list.isTight();
    }

    private void literal(String text, int depth, String marker) {
        int start = begin();
        append(marker + text.stripTrailing(), base());
        end(start, text, depth, marker.length(), 6);
    }

    private void code(String text, int depth) {
        int start = begin();
        append(text, monospaced(base()));
        end(start, "", depth, 0, 6);
    }

    private void paragraph(Node node, int depth, String marker, AttributeSet attributes, int space) {
        int start = begin();
        append(marker, base());
        inlines(node, attributes);
        String text = text(start);
        end(start, text.substring(marker.length()), depth, marker.length(), space);
    }

    private int begin() {
        if (!first) {
            append("\n", base());
        }
        first = false;
        return document.getLength();
    }

    private String text(int start) {
        try {
            return document.getText(start, document.getLength() - start);
        } catch (BadLocationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Sets the paragraph's indent and direction, which is that of its first letter. */
    private void end(int start, String text, int depth, int marker, int space) {
        boolean rightToLeft = isRightToLeft(text);
        MutableAttributeSet attributes = new SimpleAttributeSet();
        float indent = depth * INDENT;
        if (rightToLeft) {
            StyleConstants.setRightIndent(attributes, indent);
            StyleConstants.setAlignment(attributes, StyleConstants.ALIGN_RIGHT);
            attributes.addAttribute(TextAttribute.RUN_DIRECTION, TextAttribute.RUN_DIRECTION_RTL);
        } else {
            StyleConstants.setLeftIndent(attributes, indent);
        }
        if (marker > 0 && !rightToLeft) {
            StyleConstants.setFirstLineIndent(attributes, -INDENT + 4);
            StyleConstants.setTabSet(attributes, new TabSet(new TabStop[] {new TabStop(0)}));
        }
        StyleConstants.setSpaceBelow(attributes, space);
        StyleConstants.setLineSpacing(attributes, 0.12f);
        document.setParagraphAttributes(start, Math.max(1, document.getLength() - start), attributes, true);
    }

    /** Whether the first letter that has a direction is written from the right. */
    static boolean isRightToLeft(String text) {
        for (int i = 0; i < text.length(); i += Character.charCount(text.codePointAt(i))) {
            byte direction = Character.getDirectionality(text.codePointAt(i));
            if (direction == Character.DIRECTIONALITY_LEFT_TO_RIGHT) {
                return false;
            }
            if (direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT
                    || direction == Character.DIRECTIONALITY_RIGHT_TO_LEFT_ARABIC) {
                return true;
            }
        }
        return false;
    }

    private void inlines(Node parent, AttributeSet attributes) {
        for (Node node = parent.getFirstChild(); node != null; node = node.getNext()) {
            inline(node, new SimpleAttributeSet(attributes));
        }
    }

    private void inline(Node node, SimpleAttributeSet attributes) {
        if (node instanceof Text text) {
            append(text.getLiteral(), attributes);
        } else if (node instanceof Emphasis) {
            StyleConstants.setItalic(attributes, true);
            inlines(node, attributes);
        } else if (node instanceof StrongEmphasis) {
            StyleConstants.setBold(attributes, true);
            inlines(node, attributes);
        } else if (node instanceof Code code) {
            append(code.getLiteral(), marked(monospaced(attributes)));
        } else if (node instanceof Link link) {
            SimpleAttributeSet plain = new SimpleAttributeSet(attributes);
            StyleConstants.setUnderline(attributes, true);
            inlines(node, attributes);
            String shown = text(
                    Math.max(0, document.getLength() - link.getDestination().length()));
            if (!shown.equals(link.getDestination())) {
                append(" (" + link.getDestination() + ")", plain);
            }
        } else if (node instanceof Image image) {
            inlines(node, attributes);
            append(" (" + image.getDestination() + ")", attributes);
        } else if (node instanceof SoftLineBreak || node instanceof HardLineBreak) {
            append(node instanceof HardLineBreak ? "\u2028" : " ", attributes);
        } else if (node instanceof HtmlInline html) {
            append(html.getLiteral(), attributes);
        } else {
            inlines(node, attributes);
        }
    }

    private static SimpleAttributeSet monospaced(AttributeSet attributes) {
        SimpleAttributeSet code = new SimpleAttributeSet(attributes);
        StyleConstants.setFontFamily(code, Font.MONOSPACED);
        return code;
    }

    private static SimpleAttributeSet marked(SimpleAttributeSet code) {
        Color background = UIManager.getColor("Demur.code.background");
        if (background != null) {
            StyleConstants.setBackground(code, background);
        }
        return code;
    }

    /** Adds a text; emoji that the font cannot draw become pictures, and are copied as what they are. */
    private void append(String text, AttributeSet attributes) {
        int from = 0;
        while (from < text.length()) {
            int begin = Emoji.next(text, from);
            if (begin > from) {
                insert(text.substring(from, begin), attributes);
            }
            if (begin == text.length()) {
                return;
            }
            int end = Emoji.end(text, begin);
            Icon icon = Emoji.icon(text.codePointAt(begin), StyleConstants.getFontSize(attributes));
            SimpleAttributeSet own = new SimpleAttributeSet(attributes);
            if (icon != null) {
                StyleConstants.setIcon(own, icon);
                own.addAttribute(EMOJI, emoji++); // equal ones beside each other stay two
            }
            insert(text.substring(begin, end), own);
            from = end;
        }
    }

    private void insert(String text, AttributeSet attributes) {
        try {
            document.insertString(document.getLength(), text, attributes);
        } catch (BadLocationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Breaks words that are longer than a line. */
    @SuppressWarnings("serial") // never written
    private static final class Wrapping extends StyledEditorKit {

        @Override
        public ViewFactory getViewFactory() {
            return Wrapping::view;
        }

        private static View view(Element element) {
            String kind = String.valueOf(element.getName());
            return switch (kind) {
                case AbstractDocument.ParagraphElementName -> new ParagraphView(element);
                case AbstractDocument.SectionElementName -> new BoxView(element, View.Y_AXIS);
                case StyleConstants.ComponentElementName -> new ComponentView(element);
                case StyleConstants.IconElementName -> new IconView(element);
                default ->
                    new LabelView(element) {
                        @Override
                        public float getMinimumSpan(int axis) {
                            return axis == View.X_AXIS ? 0 : super.getMinimumSpan(axis);
                        }
                    };
            };
        }
    }
}
