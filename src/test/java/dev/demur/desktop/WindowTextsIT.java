package dev.demur.desktop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.desktop.model.ServerState;
import dev.demur.desktop.model.Texts;
import dev.demur.desktop.text.MarkdownView;
import java.awt.Component;
import java.awt.Container;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.TreeSet;
import javax.accessibility.AccessibleContext;
import javax.accessibility.AccessibleRole;
import javax.swing.AbstractButton;
import javax.swing.JComboBox;
import javax.swing.JComponent;
import javax.swing.JDialog;
import javax.swing.JFrame;
import javax.swing.JLabel;
import javax.swing.JList;
import javax.swing.JProgressBar;
import javax.swing.JScrollBar;
import javax.swing.JSlider;
import javax.swing.JSpinner;
import javax.swing.JTable;
import javax.swing.JTextArea;
import javax.swing.plaf.basic.BasicArrowButton;
import javax.swing.text.JTextComponent;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Walks all components: whether each can be named to who does not see it, and whether its texts come from the bundle. */
class WindowTextsIT {

    private static final String MARK = "\u27e6";

    @TempDir
    Path temp;

    @BeforeEach
    void needsADisplay() {
        Driving.requireDisplay();
    }

    /** The English texts, each with a mark before it. */
    private static Texts marked() {
        ResourceBundle english = ResourceBundle.getBundle(
                "dev.demur.desktop.Texts",
                Locale.ENGLISH,
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
        return new Texts(
                new ResourceBundle() {
                    @Override
                    protected Object handleGetObject(String key) {
                        return english.containsKey(key) ? MARK + english.getString(key) : null;
                    }

                    @Override
                    public Enumeration<String> getKeys() {
                        return english.getKeys();
                    }
                },
                Locale.ENGLISH);
    }

    private interface Look {
        void at(List<Container> windows);
    }

    private void look(Texts texts, Look look) throws IOException {
        try (OpenWindow open = OpenWindow.in(temp).texts(texts).withServer().ready()) {
            open.ask("# A title\n\n```java\nint x;\n```\n\n|a|b|\n|-|-|\n|1|2|");
            open.ask("a bomb");
            Driving.run(() ->
                    Driving.last(open.frame(), AbstractButton.class, "badge").doClick());
            Driving.run(() -> open.desk.policies().setThreshold("safety", 0.95));
            Ui ui = new Ui(open.desk);
            JDialog settings = Driving.onEdt(() -> new SettingsDialog(ui, open.frame()).window());
            JDialog calibrate = Driving.onEdt(() -> new CalibrateDialog(ui, open.frame(), FileChoice.DIALOGS).window());
            Driving.run(() -> open.desk.server().start(0));
            Driving.await("the server", () -> open.desk.server().state() instanceof ServerState.On);
            JDialog server = Driving.onEdt(() -> new ServerDialog(ui, open.frame()).window());
            Driving.run(() -> look.at(List.of(open.frame(), settings, calibrate, server)));
            Driving.run(() -> {
                settings.dispose();
                calibrate.dispose();
                server.dispose();
            });
        }
    }

    private static boolean isData(Component component) {
        for (Component at = component; at != null; at = at.getParent()) {
            if (at instanceof JComponent own && own.getClientProperty(MarkdownView.DATA) != null) {
                return true;
            }
        }
        return false;
    }

    /** What belongs to a component of Swing's own, as the arrow of a scroll bar. */
    private static boolean isInner(Component component) {
        Container parent = component.getParent();
        return component instanceof BasicArrowButton
                || parent instanceof JScrollBar
                || parent instanceof JComboBox
                || component.getClass().getName().contains("SplitPane");
    }

    private static boolean isControl(Component component) {
        return component instanceof AbstractButton
                || component instanceof JTextComponent
                || component instanceof JList
                || component instanceof JComboBox
                || component instanceof JSlider
                || component instanceof JSpinner
                || component instanceof JTable
                || component instanceof JProgressBar;
    }

    @Test
    void every_control_has_a_name_and_a_role_for_who_does_not_see_it() throws IOException {
        List<String> nameless = new ArrayList<>();
        int[] seen = {0};
        look(
                Texts.of(Locale.ENGLISH),
                windows -> windows.forEach(window -> Driving.all(window).stream()
                        .filter(WindowTextsIT::isControl)
                        .filter(component -> !isInner(component) && component.isFocusable())
                        .forEach(component -> {
                            seen[0]++;
                            AccessibleContext context = component.getAccessibleContext();
                            String name = context.getAccessibleName();
                            AccessibleRole role = context.getAccessibleRole();
                            if (name == null
                                    || name.isBlank()
                                    || role == null
                                    || role == AccessibleRole.UNKNOWN
                                    || role == AccessibleRole.AWT_COMPONENT
                                    || role == AccessibleRole.SWING_COMPONENT) {
                                nameless.add(component.getClass().getSimpleName() + " " + component.getName() + " in "
                                        + component.getParent().getName() + ": " + name + ", " + role);
                            }
                        })));
        assertTrue(seen[0] > 60, seen[0] + " controls were seen");
        assertEquals(List.of(), nameless);
    }

    @Test
    void every_text_that_is_no_data_comes_from_the_bundle() throws IOException {
        TreeSet<String> own = new TreeSet<>();
        int[] seen = {0};
        look(
                marked(),
                windows -> windows.forEach(window -> {
                    check(
                            window instanceof JFrame frame ? frame.getTitle() : ((JDialog) window).getTitle(),
                            window,
                            own);
                    for (Component component : Driving.all(window)) {
                        if (isData(component) || isInner(component)) {
                            continue;
                        }
                        seen[0]++;
                        if (component instanceof JLabel label) {
                            check(label.getText(), component, own);
                        } else if (component instanceof AbstractButton button) {
                            check(button.getText(), component, own);
                        } else if (component instanceof JTextArea area && !area.isEditable()) {
                            check(area.getText(), component, own);
                        }
                        if (component instanceof JComponent one) {
                            check(one.getToolTipText(), component, own);
                            boolean ours = isControl(component)
                                    && !(component instanceof JTextComponent text
                                            && text.isEditable()
                                            && text.getName() == null);
                            if (ours && one.isFocusable()) {
                                check(one.getAccessibleContext().getAccessibleName(), component, own);
                            }
                        }
                    }
                }));
        assertTrue(seen[0] > 100, seen[0] + " components were seen");
        assertEquals(new TreeSet<>(), own);
    }

    private static void check(String text, Component component, TreeSet<String> own) {
        if (text != null && text.chars().anyMatch(Character::isLetter) && !text.contains(MARK)) {
            own.add(component.getClass().getSimpleName() + " " + component.getName() + ": " + text);
        }
    }
}
