package dev.demur.desktop;

import dev.demur.desktop.model.Answer;
import dev.demur.desktop.text.ColumnLayout;
import dev.demur.policy.Category;
import dev.demur.policy.Reading;
import java.awt.BorderLayout;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;

/** The numbers that a decision was made from. */
final class NumbersView {

    private NumbersView() {}

    static JComponent of(Ui ui, Answer answer) {
        RoundPanel panel = new RoundPanel(new ColumnLayout(4), "Demur.side");
        panel.setName("numbers");
        Reading reading = answer.reading();
        boolean compared = answer.rule().equals("threshold") || answer.rule().equals("top-category");
        for (int c = 0; c < reading.labels().respondIndex(); c++) {
            Category category = reading.labels().categories().get(c);
            Double threshold = answer.thresholds().get(category.id());
            double p = reading.probability(c);
            String name = ui.desk().policies().name(category);
            String numbers = threshold == null || !compared
                    ? ui.texts().percent(p)
                    : ui.texts().compared(p, threshold);
            ThresholdBar bar = new ThresholdBar();
            bar.setEnabled(false);
            bar.setFocusable(false);
            bar.setLine(threshold != null && compared);
            bar.setValue(threshold == null ? 0 : (int) Math.round(threshold * ThresholdBar.STEPS));
            bar.show(p, threshold != null && compared && p >= threshold);
            bar.getAccessibleContext().setAccessibleName(ui.text("category.says", name, numbers));
            JPanel row = new JPanel(new BorderLayout(8, 0));
            row.setOpaque(false);
            row.add(Ui.data(new JLabel(name)), BorderLayout.LINE_START);
            row.add(Ui.data(new JLabel(numbers)), BorderLayout.LINE_END);
            panel.add(row);
            panel.add(bar);
        }
        JLabel rest = new JLabel(ui.text(
                "numbers.rest",
                ui.text("rule." + answer.rule()),
                ui.texts().percent(reading.probability(reading.labels().respondIndex())),
                ui.texts().percent(Math.min(1, reading.coverage()))));
        rest.putClientProperty("FlatLaf.styleClass", "small");
        panel.add(rest);
        return panel;
    }
}
