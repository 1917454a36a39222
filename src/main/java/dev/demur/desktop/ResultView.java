package dev.demur.desktop;

import dev.demur.calibration.CalibrationResult;
import dev.demur.desktop.model.PromiseText;
import dev.demur.desktop.model.TaskState;
import dev.demur.desktop.text.ColumnLayout;
import dev.demur.evaluation.Evaluation;
import dev.demur.evaluation.RefusalRates;
import dev.demur.fit.FitResult;
import dev.demur.statistics.Rate;
import java.awt.Dimension;
import java.awt.FlowLayout;
import javax.swing.JComponent;
import javax.swing.JPanel;
import javax.swing.JTextArea;

/** What came of a calibration or a fit: what is promised, how many are refused, and ROC plots. */
final class ResultView {

    private static final int PLOTS_IN_A_ROW = 3;
    private static final int PLOTS_WIDTH = 640;
    private static final int PLOT_HEIGHT = 250;

    private final Ui ui;
    private final JPanel panel = new JPanel(new ColumnLayout(8));

    ResultView(Ui ui) {
        this.ui = ui;
        panel.setOpaque(false);
        panel.setName("result");
    }

    JComponent component() {
        return panel;
    }

    void show(TaskState now) {
        panel.removeAll();
        if (now instanceof TaskState.Calibrated calibrated) {
            promise(calibrated.result());
            badRows(calibrated.badRows());
            PromiseText.unkept(calibrated.result(), calibrated.objective(), ui.texts())
                    .forEach(reason -> paragraph(ui.text("task.unpromised", reason)));
            rates(ui.text("task.joint"), calibrated.evaluation().joint());
            plots(calibrated.evaluation());
        } else if (now instanceof TaskState.Fitted fitted) {
            fitted(fitted);
        } else if (now instanceof TaskState.Scored scored) {
            paragraph(ui.text("task.scored", scored.prompts()));
            badRows(scored.badRows());
        }
        panel.revalidate();
    }

    private void badRows(long count) {
        if (count > 0) {
            paragraph(ui.text("task.badRows", count));
        }
    }

    private void fitted(TaskState.Fitted fitted) {
        FitResult made = fitted.result();
        promise(made.policy());
        PromiseText.unkept(made.policy(), fitted.objective(), ui.texts())
                .forEach(reason -> paragraph(ui.text("task.unpromised", reason)));
        paragraph(ui.text(
                "task.fitted",
                made.prompts(),
                ui.texts().number(made.alike().auc(), 3),
                ui.texts().percent(made.alike().atOnePercent()),
                ui.texts().percent(value(made.evaluation().joint().refusal())),
                ui.texts().percent(value(made.ordinary()))));
        if (made.bySource()) {
            paragraph(ui.text("task.leftOut", ui.texts().number(made.leftOut().auc(), 3)));
        }
        paragraph(ui.text("task.fitted.apply", fitted.model().getFileName()));
        paragraph(ui.text("task.fitted.plots"));
        plots(made.evaluation());
    }

    private void promise(CalibrationResult result) {
        paragraph(PromiseText.of(result.policy(), ui.texts(), this::name));
    }

    private String name(String id) {
        return ui.desk().policies().isThere()
                ? ui.desk().policies().nameOf(id)
                : ui.texts().getOr("category." + id, id);
    }

    private void plots(Evaluation evaluation) {
        JPanel plots = new JPanel(new FlowLayout(FlowLayout.LEADING, 10, 6));
        plots.setOpaque(false);
        plots.add(plot(ui.text("task.joint"), evaluation.joint()));
        evaluation.categories().forEach(rates -> {
            String id = rates.category();
            if (id != null && !rates.roc().points().isEmpty()) {
                plots.add(plot(name(id), rates));
            }
        });
        int rows = (plots.getComponentCount() + PLOTS_IN_A_ROW - 1) / PLOTS_IN_A_ROW;
        plots.setPreferredSize(new Dimension(PLOTS_WIDTH, PLOT_HEIGHT * rows));
        panel.add(ui.label("task.roc", "title"));
        panel.add(plots);
    }

    private static double value(Rate rate) {
        Double value = rate.value();
        return value == null ? Double.NaN : value;
    }

    private void rates(String name, RefusalRates rates) {
        paragraph(ui.text(
                "task.rates",
                name,
                rates.falseRefusal().count(),
                rates.falseRefusal().rows(),
                rates.refusal().count(),
                rates.refusal().rows()));
    }

    private JComponent plot(String name, RefusalRates rates) {
        Double auc = rates.roc().auc();
        String area = auc == null ? "" : ui.text("task.auc", ui.texts().number(auc, 3));
        return new RocPlot(name, area, rates.roc(), value(rates.falseRefusal()), value(rates.refusal()));
    }

    private void paragraph(String text) {
        JTextArea area = ui.paragraph("task.result");
        Ui.tell(area, text);
        panel.add(area);
    }
}
