package dev.demur.desktop;

import dev.demur.desktop.model.Desk;
import dev.demur.desktop.model.Observers;
import dev.demur.desktop.model.Texts;
import dev.demur.desktop.text.MarkdownView;
import java.awt.Dimension;
import java.awt.Toolkit;
import java.awt.datatransfer.StringSelection;
import java.awt.event.ActionEvent;
import java.util.ArrayList;
import java.util.List;
import javax.swing.AbstractAction;
import javax.swing.AbstractButton;
import javax.swing.Action;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JTextArea;
import javax.swing.KeyStroke;
import javax.swing.UIManager;

/** Makes components whose texts come from the bundle, and that can be named to who does not see them. */
final class Ui {

    private final Desk desk;

    Ui(Desk desk) {
        this.desk = desk;
    }

    private final List<Runnable> forgotten = new ArrayList<>();

    /** Has something told of changes for as long as these components are there. */
    void observe(Observers observers, Runnable task) {
        observers.add(task);
        forgotten.add(() -> observers.remove(task));
    }

    /** The components are gone. */
    void forget() {
        forgotten.forEach(Runnable::run);
        forgotten.clear();
    }

    Desk desk() {
        return desk;
    }

    Texts texts() {
        return desk.texts();
    }

    String text(String key, Object... arguments) {
        return desk.texts().get(key, arguments);
    }

    /** A button; {@code key.tip}, if there is one, says more where the pointer rests. */
    JButton button(String key, Runnable action) {
        JButton button = new JButton();
        dress(button, key);
        button.addActionListener(event -> action.run());
        return button;
    }

    /** A button without a frame, as they stand below messages. */
    JButton quiet(String key, Runnable action) {
        JButton button = button(key, action);
        button.putClientProperty("JButton.buttonType", "toolBarButton");
        button.putClientProperty("FlatLaf.styleClass", "small");
        button.setForeground(UIManager.getColor("Demur.muted"));
        return button;
    }

    void dress(AbstractButton button, String key) {
        button.setText(text(key));
        button.setName(key);
        name(button, key);
    }

    /** Names a component to who does not see it. */
    void name(JComponent component, String key) {
        component.getAccessibleContext().setAccessibleName(text(key));
        String tip = texts().getOr(key + ".tip", "");
        if (!tip.isEmpty()) {
            component.getAccessibleContext().setAccessibleDescription(tip);
            component.setToolTipText(tip);
        }
    }

    JLabel label(String key, Object... arguments) {
        JLabel label = new JLabel(text(key, arguments));
        label.setName(key);
        return label;
    }

    /** A label in a style that the theme knows. */
    JLabel label(String key, String style) {
        JLabel label = label(key);
        label.putClientProperty("FlatLaf.styleClass", style);
        return label;
    }

    /** A text of several lines that is no input, and that looks like a label. */
    JTextArea paragraph(String name) {
        JTextArea area = new JTextArea() {
            @Override
            public void updateUI() {
                super.updateUI();
                setFont(UIManager.getFont("Label.font"));
            }
        };
        area.setName(name);
        area.setDropTarget(null); // files that are dropped are for the window
        area.setEditable(false);
        area.setFocusable(false);
        area.setLineWrap(true);
        area.setWrapStyleWord(true);
        area.setOpaque(false);
        area.setBorder(null);
        area.setMinimumSize(new Dimension(0, 0));
        return area;
    }

    static void tell(JTextArea area, String text) {
        area.setText(text);
        area.getAccessibleContext().setAccessibleName(text);
    }

    /** Marks what shows data, in whatever language they are. */
    static <T extends JComponent> T data(T component) {
        component.putClientProperty(MarkdownView.DATA, Boolean.TRUE);
        return component;
    }

    Action action(String key, Runnable task) {
        Action action = new AbstractAction(text(key)) {
            @Override
            public void actionPerformed(ActionEvent event) {
                task.run();
            }
        };
        action.putValue(Action.ACTION_COMMAND_KEY, key);
        return action;
    }

    /** Has a key do something anywhere in a window. */
    static void bind(JComponent root, String key, Runnable task) {
        KeyStroke stroke = KeyStroke.getKeyStroke(key);
        root.getInputMap(JComponent.WHEN_IN_FOCUSED_WINDOW).put(stroke, key);
        root.getActionMap().put(key, new AbstractAction() {
            @Override
            public void actionPerformed(ActionEvent event) {
                task.run();
            }
        });
    }

    static void copy(String text) {
        Toolkit.getDefaultToolkit().getSystemClipboard().setContents(new StringSelection(text), null);
    }
}
