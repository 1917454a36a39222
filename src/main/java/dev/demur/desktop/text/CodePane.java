package dev.demur.desktop.text;

import java.awt.BorderLayout;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.event.MouseWheelListener;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.UIManager;
import org.fife.ui.rsyntaxtextarea.RSyntaxTextArea;
import org.fife.ui.rsyntaxtextarea.SyntaxConstants;
import org.fife.ui.rsyntaxtextarea.Theme;
import org.fife.ui.rsyntaxtextarea.TokenMakerFactory;

/** A block of code with its colours, its language and a button that copies it. */
final class CodePane {

    /** What fences call a language, by what the text area calls it; most are called {@code text/x} or {@code text/x-…}. */
    private static final Map<String, String> STYLES = Map.ofEntries(
            Map.entry("bash", SyntaxConstants.SYNTAX_STYLE_UNIX_SHELL),
            Map.entry("sh", SyntaxConstants.SYNTAX_STYLE_UNIX_SHELL),
            Map.entry("shell", SyntaxConstants.SYNTAX_STYLE_UNIX_SHELL),
            Map.entry("c", SyntaxConstants.SYNTAX_STYLE_C),
            Map.entry("cpp", SyntaxConstants.SYNTAX_STYLE_CPLUSPLUS),
            Map.entry("c++", SyntaxConstants.SYNTAX_STYLE_CPLUSPLUS),
            Map.entry("cs", SyntaxConstants.SYNTAX_STYLE_CSHARP),
            Map.entry("csharp", SyntaxConstants.SYNTAX_STYLE_CSHARP),
            Map.entry("css", SyntaxConstants.SYNTAX_STYLE_CSS),
            Map.entry("dockerfile", SyntaxConstants.SYNTAX_STYLE_DOCKERFILE),
            Map.entry("go", SyntaxConstants.SYNTAX_STYLE_GO),
            Map.entry("html", SyntaxConstants.SYNTAX_STYLE_HTML),
            Map.entry("java", SyntaxConstants.SYNTAX_STYLE_JAVA),
            Map.entry("javascript", SyntaxConstants.SYNTAX_STYLE_JAVASCRIPT),
            Map.entry("js", SyntaxConstants.SYNTAX_STYLE_JAVASCRIPT),
            Map.entry("json", SyntaxConstants.SYNTAX_STYLE_JSON),
            Map.entry("kotlin", SyntaxConstants.SYNTAX_STYLE_KOTLIN),
            Map.entry("lua", SyntaxConstants.SYNTAX_STYLE_LUA),
            Map.entry("perl", SyntaxConstants.SYNTAX_STYLE_PERL),
            Map.entry("php", SyntaxConstants.SYNTAX_STYLE_PHP),
            Map.entry("python", SyntaxConstants.SYNTAX_STYLE_PYTHON),
            Map.entry("py", SyntaxConstants.SYNTAX_STYLE_PYTHON),
            Map.entry("ruby", SyntaxConstants.SYNTAX_STYLE_RUBY),
            Map.entry("rust", SyntaxConstants.SYNTAX_STYLE_RUST),
            Map.entry("scala", SyntaxConstants.SYNTAX_STYLE_SCALA),
            Map.entry("sql", SyntaxConstants.SYNTAX_STYLE_SQL),
            Map.entry("typescript", SyntaxConstants.SYNTAX_STYLE_TYPESCRIPT),
            Map.entry("ts", SyntaxConstants.SYNTAX_STYLE_TYPESCRIPT),
            Map.entry("xml", SyntaxConstants.SYNTAX_STYLE_XML),
            Map.entry("yaml", SyntaxConstants.SYNTAX_STYLE_YAML));

    /** The colours of a theme are read from a file, once. */
    private static final Map<String, Theme> THEMES = new ConcurrentHashMap<>();

    private final JPanel panel = new JPanel(new BorderLayout());
    private final RSyntaxTextArea area;
    private Piece shown;

    CodePane(Piece code, MarkdownView.Words words, Consumer<String> copy) {
        shown = code;
        area = new RSyntaxTextArea(code.text());
        area.setSyntaxEditingStyle(
                STYLES.getOrDefault(code.language().toLowerCase(Locale.ROOT), SyntaxConstants.SYNTAX_STYLE_NONE));
        theme(area);
        area.setEditable(false);
        area.setDropTarget(null);
        area.setHighlightCurrentLine(false);
        area.setBracketMatchingEnabled(false);
        area.setPopupMenu(null);
        Font label = UIManager.getFont("Label.font");
        area.setFont(new Font(Font.MONOSPACED, Font.PLAIN, label == null ? 13 : label.getSize()));
        area.getAccessibleContext().setAccessibleName(words.code());
        Color themed = UIManager.getColor("Demur.code.background");
        // A colour of the theme itself would be taken back by the look.
        Color background = themed == null ? area.getBackground() : new Color(themed.getRGB());
        area.setBackground(background);
        area.setCaretColor(background);
        area.setCaretPosition(0);
        JScrollPane scroll =
                new JScrollPane(
                        area, JScrollPane.VERTICAL_SCROLLBAR_NEVER, JScrollPane.HORIZONTAL_SCROLLBAR_AS_NEEDED) {
                    @Override
                    public Dimension getPreferredSize() {
                        Dimension size = super.getPreferredSize();
                        // The bar takes room that the lines need.
                        int bar = area.getPreferredSize().width > getWidth() - 20
                                ? getHorizontalScrollBar().getPreferredSize().height
                                : 0;
                        return new Dimension(size.width, size.height + bar);
                    }
                };
        scroll.setBorder(BorderFactory.createEmptyBorder(2, 10, 8, 10));
        scroll.setBackground(background);
        passWheelOn(scroll);

        JLabel language = new JLabel(code.language());
        language.putClientProperty(MarkdownView.DATA, Boolean.TRUE);
        language.putClientProperty("FlatLaf.styleClass", "small");
        language.setEnabled(false);
        JButton button = new JButton(words.copy());
        button.getAccessibleContext().setAccessibleName(words.copyCode());
        button.putClientProperty("JButton.buttonType", "toolBarButton");
        button.putClientProperty("FlatLaf.styleClass", "small");
        button.addActionListener(event -> copy.accept(shown.text()));
        JPanel head = new JPanel(new BorderLayout());
        head.setOpaque(false);
        head.setBorder(BorderFactory.createEmptyBorder(2, 10, 0, 4));
        head.add(language, BorderLayout.LINE_START);
        head.add(button, BorderLayout.LINE_END);

        panel.setBackground(background);
        panel.putClientProperty("FlatLaf.style", "arc: 10");
        panel.add(head, BorderLayout.NORTH);
        panel.add(scroll, BorderLayout.CENTER);
    }

    JPanel component() {
        return panel;
    }

    /** Shows more of the same code, as while it is written; false where this is other code. */
    boolean grow(Piece code) {
        boolean more = code.kind() == Piece.Kind.CODE
                && code.language().equals(shown.language())
                && code.text().startsWith(shown.text());
        if (more) {
            area.append(code.text().substring(shown.text().length()));
            shown = code;
            panel.revalidate();
        }
        return more;
    }

    /** Reads what takes long the first time that code is shown. May be called on any thread. */
    static void prepare() {
        themed(false);
        themed(true);
        TokenMakerFactory.getDefaultInstance().getTokenMaker(SyntaxConstants.SYNTAX_STYLE_PYTHON);
    }

    /** The wheel moves the conversation; code of many lines has no scroll bar of its own. */
    private static void passWheelOn(JScrollPane scroll) {
        for (MouseWheelListener listener : scroll.getMouseWheelListeners()) {
            scroll.removeMouseWheelListener(listener);
        }
        scroll.addMouseWheelListener(event -> {
            if (event.isShiftDown()) {
                scroll.getHorizontalScrollBar()
                        .setValue(scroll.getHorizontalScrollBar().getValue() + event.getWheelRotation() * 30);
            } else if (scroll.getParent() != null) {
                scroll.getParent().dispatchEvent(event);
            }
        });
    }

    private static void theme(RSyntaxTextArea area) {
        themed(UIManager.getBoolean("Demur.dark")).apply(area);
    }

    private static Theme themed(boolean dark) {
        String name = "/org/fife/ui/rsyntaxtextarea/themes/" + (dark ? "dark" : "default") + ".xml";
        return THEMES.computeIfAbsent(name, CodePane::read);
    }

    private static Theme read(String name) {
        try (InputStream in = RSyntaxTextArea.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + " is missing");
            }
            return Theme.load(in);
        } catch (IOException e) {
            throw new IllegalStateException(name + " cannot be read", e);
        }
    }
}
