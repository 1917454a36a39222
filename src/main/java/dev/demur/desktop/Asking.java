package dev.demur.desktop;

import java.awt.Component;
import javax.swing.JOptionPane;
import javax.swing.JTextArea;

/** Short questions and messages, with texts from the bundle on every button. */
final class Asking {

    private Asking() {}

    /**
     * Asks.
     *
     * @param title the key of the title
     * @param options the keys of the answers, the last of which means to leave everything as it is
     * @return the index of the answer; the last one where the window was closed
     */
    static int ask(Ui ui, Component parent, String title, String text, String... options) {
        Object[] words = new Object[options.length];
        for (int i = 0; i < options.length; i++) {
            words[i] = ui.text(options[i]);
        }
        int answer = JOptionPane.showOptionDialog(
                parent,
                paragraph(ui, text),
                ui.text(title),
                JOptionPane.DEFAULT_OPTION,
                JOptionPane.PLAIN_MESSAGE,
                null,
                words,
                words[0]);
        return answer < 0 ? options.length - 1 : answer;
    }

    /** Tells what went wrong. */
    static void tell(Ui ui, Component parent, String title, String text) {
        ask(ui, parent, title, text, "ok");
    }

    private static JTextArea paragraph(Ui ui, String text) {
        JTextArea area = ui.paragraph("question");
        area.setColumns(44);
        area.setFocusable(true);
        Ui.tell(area, text);
        Ui.data(area);
        // Wrapped text knows its height only once it has a width.
        area.setSize(area.getPreferredSize().width, Short.MAX_VALUE);
        area.setRows(Math.max(
                1,
                area.getPreferredSize().height
                        / area.getFontMetrics(area.getFont()).getHeight()));
        area.setMinimumSize(area.getPreferredSize()); // else it is the first to give way where a dialog is too small
        return area;
    }
}
