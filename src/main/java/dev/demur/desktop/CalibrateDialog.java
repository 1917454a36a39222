package dev.demur.desktop;

import dev.demur.desktop.model.Calibrations;
import dev.demur.desktop.model.ModelSession;
import dev.demur.desktop.model.TaskState;
import dev.demur.desktop.text.ColumnLayout;
import java.awt.BorderLayout;
import java.awt.Dimension;
import java.awt.FlowLayout;
import java.awt.Frame;
import java.nio.file.Path;
import javax.swing.BorderFactory;
import javax.swing.ButtonGroup;
import javax.swing.JButton;
import javax.swing.JDialog;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JProgressBar;
import javax.swing.JRadioButton;
import javax.swing.JScrollPane;
import javax.swing.JSpinner;
import javax.swing.JTextArea;
import javax.swing.JTextField;
import javax.swing.SpinnerNumberModel;
import org.jspecify.annotations.Nullable;

/** Fits a head, or calibrates the policy, on labelled prompts. */
final class CalibrateDialog {

    private static final double HUNDRED = 100;

    private final Ui ui;
    private final FileChoice files;
    private final JDialog dialog;
    private final JRadioButton calibrate = new JRadioButton();
    private final JRadioButton score = new JRadioButton();
    private final JRadioButton fit = new JRadioButton();
    private final JTextField data = new JTextField(40);
    private final JSpinner target = new JSpinner(new SpinnerNumberModel(5.0, 0.1, 50.0, 0.5));
    private final JSpinner confidence = new JSpinner(new SpinnerNumberModel(95.0, 50.0, 99.9, 0.5));
    private final JProgressBar progress = new JProgressBar();
    private final JTextArea state;
    private final ResultView result;
    private final JButton start;
    private final JButton cancel;
    private final JButton apply;
    private @Nullable Path model;
    private @Nullable Path file;
    private @Nullable TaskState shown;

    CalibrateDialog(Ui ui, Frame parent, FileChoice files) {
        this.ui = ui;
        this.files = files;
        dialog = new JDialog(parent, ui.text("task.title"), false);
        dialog.setName("calibrate");
        state = ui.paragraph("task.state");
        Ui.data(state);
        start = ui.button("task.start", this::start);
        cancel = ui.button("task.cancel", () -> tasks().cancel());
        apply = ui.button("task.apply", this::apply);
        result = new ResultView(ui);
        build();
        ui.observe(tasks().observers(), this::update);
        ui.observe(ui.desk().models().observers(), this::update);
        update();
        dialog.setPreferredSize(new Dimension(740, 680));
        dialog.pack();
        dialog.setLocationRelativeTo(parent);
    }

    private Calibrations tasks() {
        return ui.desk().calibrations();
    }

    private void build() {
        JPanel form = new JPanel(new ColumnLayout(8));
        form.setBorder(BorderFactory.createEmptyBorder(14, 16, 8, 16));
        ButtonGroup group = new ButtonGroup();
        for (JRadioButton button : new JRadioButton[] {calibrate, score, fit}) {
            group.add(button);
            button.addActionListener(event -> update());
        }
        ui.dress(calibrate, "task.calibrate");
        ui.dress(score, "task.score");
        ui.dress(fit, "task.fit");
        calibrate.setSelected(true);
        form.add(ui.label("task.what", "title"));
        form.add(calibrate);
        form.add(score);
        form.add(fit);

        data.setEditable(false);
        data.setName("data");
        ui.name(data, "task.data");
        Ui.data(data);
        data.setText(ui.text("data.starter"));
        JPanel dataRow = row();
        JLabel dataLabel = ui.label("task.data");
        dataLabel.setLabelFor(data);
        dataRow.add(dataLabel);
        dataRow.add(data);
        form.add(dataRow);
        JPanel sources = row();
        sources.add(ui.button("task.choose", this::choose));
        sources.add(ui.button("task.starter", this::starter));
        form.add(sources);
        JTextArea help = ui.paragraph("task.data.help");
        Ui.tell(help, ui.text("task.data.help"));
        form.add(help);

        JPanel numbers = row();
        numbers.add(labelled("task.target", target));
        numbers.add(target);
        numbers.add(labelled("task.confidence", confidence));
        numbers.add(confidence);
        form.add(numbers);

        progress.setName("task.progress");
        ui.name(progress, "task.progress");
        form.add(progress);
        form.add(state);
        ScrollColumn column = new ScrollColumn(new ColumnLayout(8));
        column.setBorder(BorderFactory.createEmptyBorder(0, 16, 8, 16));
        column.add(result.component());
        JScrollPane scroll = new JScrollPane(column);
        scroll.setBorder(BorderFactory.createEmptyBorder());
        scroll.setOpaque(false);
        scroll.getViewport().setOpaque(false);
        scroll.getVerticalScrollBar().setUnitIncrement(24);
        scroll.getAccessibleContext().setAccessibleName(ui.text("task.result"));

        JPanel buttons = new JPanel(new FlowLayout(FlowLayout.TRAILING, 8, 10));
        buttons.add(start);
        buttons.add(cancel);
        buttons.add(apply);
        buttons.add(ui.button("close", () -> dialog.setVisible(false)));
        dialog.add(form, BorderLayout.NORTH);
        dialog.add(scroll, BorderLayout.CENTER);
        dialog.add(buttons, BorderLayout.SOUTH);
        dialog.getRootPane().setDefaultButton(start);
        Ui.bind(dialog.getRootPane(), "ESCAPE", () -> dialog.setVisible(false));
    }

    private JLabel labelled(String key, JSpinner spinner) {
        JLabel label = ui.label(key);
        label.setLabelFor(spinner);
        spinner.setName(key);
        ui.name(spinner, key);
        if (spinner.getEditor() instanceof JSpinner.DefaultEditor editor) {
            ui.name(editor.getTextField(), key);
            editor.getTextField().setColumns(5);
        }
        return label;
    }

    private static JPanel row() {
        JPanel row = new JPanel(new FlowLayout(FlowLayout.LEADING, 8, 0));
        row.setOpaque(false);
        return row;
    }

    void show() {
        dialog.setVisible(true);
        dialog.toFront();
    }

    /** Shows it to score prompts. */
    void score() {
        if (!tasks().isRunning()) {
            score.setSelected(true);
            update();
        }
        show();
    }

    /** Shows it to fit a head on a model, which need not be the one that is loaded. */
    void fit(Path newModel) {
        model = newModel;
        fit.setSelected(true);
        update();
        show();
    }

    JDialog window() {
        return dialog;
    }

    private void choose() {
        Path chosen = files.open(
                dialog,
                ui.text("task.data"),
                ui.text("task.data.kind"),
                null,
                tasks().endings().toArray(String[]::new));
        if (chosen != null) {
            file = chosen;
            data.setText(chosen.toString());
        }
    }

    private void starter() {
        file = null;
        data.setText(ui.text("data.starter"));
    }

    private static double number(JSpinner spinner) {
        return ((Number) spinner.getValue()).doubleValue() / HUNDRED;
    }

    private void start() {
        if (score.isSelected()) {
            tasks().score(file);
        } else if (calibrate.isSelected()) {
            tasks().calibrate(file, number(target), number(confidence));
        } else {
            Path of = fitted();
            if (of != null) {
                tasks().fit(of, file, number(target), number(confidence));
            }
        }
    }

    private void apply() {
        tasks().apply();
        dialog.setVisible(false);
    }

    /** The model that a head is fitted on. */
    private @Nullable Path fitted() {
        ModelSession session = ui.desk().models().session();
        return model != null ? model : session == null ? null : session.file();
    }

    private void update() {
        TaskState now = tasks().state();
        boolean running = tasks().isRunning();
        boolean loaded = ui.desk().models().session() != null;
        calibrate.setEnabled(!running && loaded);
        score.setEnabled(!running && loaded);
        fit.setEnabled(!running && fitted() != null);
        boolean promises = !score.isSelected();
        target.setEnabled(promises);
        confidence.setEnabled(promises);
        start.setEnabled(!running && (fit.isSelected() ? fitted() != null : loaded));
        cancel.setEnabled(running);
        boolean done = now instanceof TaskState.Calibrated || now instanceof TaskState.Fitted;
        apply.setEnabled(done);
        progress.setVisible(running);
        String text = "";
        if (now instanceof TaskState.Running at) {
            progress.setIndeterminate(at.all() == 0);
            progress.setMaximum((int) Math.max(1, at.all()));
            progress.setValue((int) at.done());
            text = at.all() == 0
                    ? ui.text(at.stage())
                    : ui.text("task.progress.text", ui.text(at.stage()), at.done(), at.all());
        } else if (now instanceof TaskState.Cancelled) {
            text = ui.text("task.cancelled");
        } else if (now instanceof TaskState.Failed failed) {
            text = ui.text("task.failed", failed.problem());
        } else if (fit.isSelected()) {
            Path of = fitted();
            text = ui.text("task.fit.text", of == null ? "" : of.getFileName());
        }
        Ui.tell(state, text);
        if (now != shown && !(now instanceof TaskState.Running)) {
            shown = now;
            result.show(now);
        }
        dialog.revalidate();
        dialog.repaint();
    }
}
