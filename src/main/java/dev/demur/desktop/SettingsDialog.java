package dev.demur.desktop;

import dev.demur.desktop.model.ModelSession;
import dev.demur.desktop.model.Models;
import dev.demur.desktop.text.ColumnLayout;
import java.awt.BorderLayout;
import java.awt.FlowLayout;
import java.awt.Frame;
import javax.swing.BorderFactory;
import javax.swing.JCheckBox;
import javax.swing.JDialog;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JSpinner;
import javax.swing.JTextArea;
import javax.swing.SpinnerNumberModel;

/** Devices, threads, context and the length of answers. */
final class SettingsDialog {

    private static final int MOST_THREADS = 1024;
    private static final int MOST_TOKENS = 1 << 20;

    private final Ui ui;
    private final JDialog dialog;
    private final JCheckBox processorOnly = new JCheckBox();
    private final JSpinner threads;
    private final JSpinner context;
    private final JSpinner mostTokens;

    SettingsDialog(Ui ui, Frame parent) {
        this.ui = ui;
        Models models = ui.desk().models();
        dialog = new JDialog(parent, ui.text("settings.title"), true);
        dialog.setName("settings");
        threads = new JSpinner(new SpinnerNumberModel(models.threads(), 0, MOST_THREADS, 1));
        context = new JSpinner(new SpinnerNumberModel(models.contextSize(), 0, MOST_TOKENS, 512));
        mostTokens = new JSpinner(new SpinnerNumberModel(ui.desk().answers().mostTokens(), 1, MOST_TOKENS, 64));
        ui.dress(processorOnly, "settings.processorOnly");
        processorOnly.setSelected(models.processorOnly());
        JPanel form = new JPanel(new ColumnLayout(8));
        form.setBorder(BorderFactory.createEmptyBorder(14, 16, 6, 16));
        form.add(processorOnly);
        add(form, "settings.threads", threads);
        add(form, "settings.context", context);
        add(form, "settings.mostTokens", mostTokens);
        ModelSession session = models.session();
        if (session != null) {
            JTextArea now = ui.paragraph("settings.now");
            Ui.tell(
                    now,
                    session.fellBack()
                            ? ui.text("settings.fellBack")
                            : session.devices().isEmpty()
                                    ? ui.text("settings.nowProcessor", session.threads())
                                    : ui.text("settings.nowDevices", String.join(", ", session.devices())));
            form.add(now);
        }
        JPanel buttons = new JPanel(new FlowLayout(FlowLayout.TRAILING, 8, 10));
        buttons.add(ui.button("settings.apply", this::apply));
        buttons.add(ui.button("cancel", dialog::dispose));
        dialog.add(form, BorderLayout.CENTER);
        dialog.add(buttons, BorderLayout.SOUTH);
        Ui.bind(dialog.getRootPane(), "ESCAPE", dialog::dispose);
        dialog.setSize(520, 330);
        dialog.setLocationRelativeTo(parent);
    }

    private void add(JPanel form, String key, JSpinner spinner) {
        JLabel label = ui.label(key);
        label.setLabelFor(spinner);
        spinner.setName(key);
        ui.name(spinner, key);
        if (spinner.getEditor() instanceof JSpinner.DefaultEditor editor) {
            ui.name(editor.getTextField(), key);
            editor.getTextField().setColumns(7);
        }
        JPanel row = new JPanel(new BorderLayout(8, 0));
        row.add(label, BorderLayout.CENTER);
        row.add(spinner, BorderLayout.LINE_END);
        form.add(row);
    }

    JDialog window() {
        return dialog;
    }

    void show() {
        dialog.setVisible(true);
    }

    private static int number(JSpinner spinner) {
        return ((Number) spinner.getValue()).intValue();
    }

    private void apply() {
        Models models = ui.desk().models();
        boolean anew = number(threads) != models.threads()
                || number(context) != models.contextSize()
                || processorOnly.isSelected() != models.processorOnly();
        models.setLoading(number(threads), number(context), processorOnly.isSelected());
        ui.desk().answers().setMostTokens(number(mostTokens));
        ui.desk().save();
        ModelSession session = models.session();
        dialog.dispose();
        if (anew && session != null) {
            models.reload();
        }
    }
}
