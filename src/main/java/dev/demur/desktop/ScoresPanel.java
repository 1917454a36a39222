package dev.demur.desktop;

import dev.demur.desktop.model.Scores;
import dev.demur.desktop.model.WhatIf;
import dev.demur.desktop.text.ColumnLayout;
import dev.demur.policy.Labels;
import dev.demur.scoring.ScoredPrompts;
import java.awt.BorderLayout;
import java.awt.Dimension;
import java.awt.FlowLayout;
import java.nio.file.Path;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JProgressBar;
import javax.swing.JSlider;
import javax.swing.JTextArea;
import org.jspecify.annotations.Nullable;

/** The promise slider, and what the policy would do to scored prompts. */
final class ScoresPanel {

    private static final int MOST = 20;

    private final Ui ui;
    private final JPanel panel = new JPanel(new ColumnLayout(6));
    private final JPanel promises = new JPanel(new ColumnLayout(2));
    private final JLabel promiseLabel = new JLabel();
    private final JSlider promise = new JSlider(1, MOST, 5);
    private final JTextArea problem;
    private final JTextArea hint;
    private final JPanel strip = new JPanel(new ColumnLayout(3));
    private boolean updating;
    private final JButton load;
    private final JButton score;

    ScoresPanel(Ui ui, Runnable open, Runnable calibrate) {
        this.ui = ui;
        panel.setOpaque(false);
        strip.setOpaque(false);
        problem = ui.paragraph("scores.problem");
        hint = ui.paragraph("scores.hint");
        promise.setName("promise");
        promise.setOpaque(false);
        promise.addChangeListener(event -> dragged());
        promiseLabel.setLabelFor(promise);
        load = ui.button("scores.load", open);
        score = ui.button("scores.score", calibrate);
        JPanel buttons = new JPanel(new ColumnLayout(6));
        buttons.setOpaque(false);
        buttons.add(load);
        buttons.add(score);
        promises.setOpaque(false);
        promises.add(promiseLabel);
        promises.add(promise);
        promises.add(problem);
        panel.add(strip);
        panel.add(hint);
        panel.add(buttons);
        ui.observe(ui.desk().scores().observers(), this::update);
        ui.observe(ui.desk().policies().observers(), this::showPromise);
        update();
    }

    JComponent component() {
        return panel;
    }

    /** The slider that speaks in promises, which stands above those of the categories. */
    JComponent promises() {
        return promises;
    }

    /** Also while it is dragged: of many places only the last one is reckoned. */
    private void dragged() {
        label();
        if (!updating) {
            ui.desk().scores().promise(promise.getValue());
        }
    }

    /** The slider stands where the policy's promise does. */
    private void showPromise() {
        double promised = ui.desk().policies().promisedOfHundred();
        if (!Double.isNaN(promised) && !promise.getValueIsAdjusting()) {
            updating = true;
            promise.setValue((int) Math.round(promised));
            updating = false;
        }
    }

    private void label() {
        String text = ui.text("promise.slider", promise.getValue());
        promiseLabel.setText(text);
        promise.getAccessibleContext().setAccessibleName(text);
    }

    void update() {
        Scores scores = ui.desk().scores();
        ScoredPrompts prompts = scores.prompts();
        boolean kept = prompts != null && prompts.fitted() == 0;
        showPromise();
        label();
        promiseLabel.setVisible(kept);
        promise.setVisible(kept);
        load.setEnabled(ui.desk().models().session() != null);
        score.setEnabled(load.isEnabled());
        String wrong = scores.problem() != null ? scores.problem() : scores.note();
        problem.setVisible(wrong != null);
        promises.setVisible(kept || wrong != null);
        Ui.tell(problem, wrong == null ? "" : wrong);
        Ui.data(problem);
        Path file = scores.file();
        Ui.tell(
                hint,
                prompts == null
                        ? ui.text("scores.none")
                        : ui.text("scores.some", prompts.size(), file == null ? "" : file.getFileName()));
        strip(scores.whatIf());
        panel.revalidate();
        panel.repaint();
    }

    private void strip(@Nullable WhatIf whatIf) {
        strip.removeAll();
        strip.setVisible(whatIf != null);
        if (whatIf == null) {
            return;
        }
        strip.add(ui.label("whatif.title", "small"));
        add(ui.text("whatif.good"), whatIf.goodRefused(), whatIf.good());
        Labels labels = ui.desk().policies().policy().categories().isEmpty() ? null : labels();
        for (WhatIf.Of of : whatIf.categories()) {
            if (of.rows() > 0 && labels != null && labels.indexOf(of.id()) >= 0) {
                add(
                        ui.desk().policies().name(labels.categories().get(labels.indexOf(of.id()))),
                        of.refused(),
                        of.rows());
            }
        }
        strip.revalidate();
    }

    private @Nullable Labels labels() {
        ScoredPrompts prompts = ui.desk().scores().prompts();
        return prompts == null ? null : prompts.labels();
    }

    private void add(String name, int refused, int rows) {
        JPanel line = new JPanel(new BorderLayout(8, 0));
        line.setOpaque(false);
        JLabel label = Ui.data(new JLabel(name));
        JProgressBar bar = new JProgressBar(0, Math.max(1, rows));
        bar.setValue(refused);
        bar.setPreferredSize(new Dimension(70, 8));
        JLabel count = Ui.data(new JLabel(ui.text("whatif.count", refused, rows)));
        bar.getAccessibleContext().setAccessibleName(name + ": " + count.getText());
        label.setLabelFor(bar);
        line.add(label, BorderLayout.CENTER);
        JPanel end = new JPanel(new FlowLayout(FlowLayout.TRAILING, 6, 0));
        end.setOpaque(false);
        end.add(count);
        end.add(bar);
        line.add(end, BorderLayout.LINE_END);
        strip.add(line);
    }
}
