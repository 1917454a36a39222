package dev.demur.desktop.text;

import java.awt.Component;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import javax.swing.JComponent;
import javax.swing.JPanel;
import javax.swing.JTextPane;
import org.jspecify.annotations.Nullable;

/** A Markdown text as components one below the other. A text that grows changes only the last of them. */
public final class MarkdownView {

    /** The client property of what shows data, in whatever language they are. */
    public static final String DATA = "demur.data";

    /**
     * What a person reads around a text.
     *
     * @param prose the name of a part of the text, for who hears it
     * @param code the same for code
     * @param table the same for a table
     * @param copy on the button that copies code
     * @param copyCode the name of that button
     */
    public record Words(String prose, String code, String table, String copy, String copyCode) {}

    private final Words words;
    private final Consumer<String> copy;
    private final JPanel column = new JPanel(new ColumnLayout(8));
    private List<Piece> shown = List.of();
    private @Nullable CodePane code; // where the last piece is code

    /** @param copy puts code where it can be pasted from */
    public MarkdownView(Words words, Consumer<String> copy) {
        this.words = words;
        this.copy = copy;
        column.setOpaque(false);
    }

    /** Reads what takes long the first time that a text is shown. May be called on any thread. */
    public static void prepare() {
        CodePane.prepare();
    }

    /** What shows it; as high as its text for the width that it is given. */
    public JComponent component() {
        return column;
    }

    /** A text as it is written, without Markdown, that can be selected. */
    public static JTextPane plain(String text, String name) {
        JTextPane pane = ProsePane.plain(text);
        pane.getAccessibleContext().setAccessibleName(name);
        pane.putClientProperty(DATA, Boolean.TRUE);
        return pane;
    }

    /** Shows a text in place of the one before. */
    public void setText(String markdown) {
        List<Piece> pieces = new ArrayList<>(Piece.of(markdown));
        int same = 0;
        while (same < Math.min(pieces.size(), shown.size()) && pieces.get(same).equals(shown.get(same))) {
            same++;
        }
        if (code != null && same == shown.size() - 1 && same < pieces.size() && code.grow(pieces.get(same))) {
            same++;
        }
        while (column.getComponentCount() > same) {
            column.remove(column.getComponentCount() - 1);
        }
        for (Piece piece : pieces.subList(same, pieces.size())) {
            column.add(component(piece));
        }
        int count = column.getComponentCount();
        if (code != null && (count == 0 || column.getComponent(count - 1) != code.component())) {
            code = null;
        }
        shown = List.copyOf(pieces);
        column.revalidate();
        column.repaint();
    }

    private Component component(Piece piece) {
        return switch (piece.kind()) {
            case CODE -> {
                code = new CodePane(piece, words, copy);
                yield code.component();
            }
            case TABLE -> TablePane.of(piece, words);
            case PROSE -> {
                JTextPane pane = ProsePane.of(piece.text());
                pane.getAccessibleContext().setAccessibleName(words.prose());
                pane.putClientProperty(DATA, Boolean.TRUE);
                yield pane;
            }
        };
    }
}
