package dev.demur.desktop;

import dev.demur.desktop.model.CategoryRow;
import dev.demur.desktop.model.Policies;
import dev.demur.desktop.text.ColumnLayout;
import dev.demur.policy.Rule;
import java.awt.BorderLayout;
import java.awt.Font;
import java.awt.event.ComponentAdapter;
import java.awt.event.ComponentEvent;
import javax.swing.JCheckBox;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.SwingConstants;
import javax.swing.UIManager;

/** One category: whether it is refused at all, its threshold, and the last prompt's probability. */
final class CategoryControl {

    /** Less room, in pixels, than a name and its numbers need beside each other. */
    private static final int NARROW = 290;

    /** What a bias is at the ends of its slider, in logits. */
    private static final double WIDEST_BIAS = 10;

    private final Ui ui;
    private final String id;
    private final JPanel panel = new JPanel(new ColumnLayout(2));
    private final JCheckBox on = new JCheckBox();
    private final JLabel numbers = new JLabel();
    private final ThresholdBar bar = new ThresholdBar();
    private boolean updating;

    CategoryControl(Ui ui, String id) {
        this.ui = ui;
        this.id = id;
        panel.setOpaque(false);
        JPanel head = new JPanel(new BorderLayout(6, 0));
        head.setOpaque(false);
        on.setOpaque(false);
        on.setName("category.on." + id);
        Ui.data(on);
        Ui.data(numbers);
        numbers.setHorizontalAlignment(SwingConstants.TRAILING);
        head.add(on, BorderLayout.CENTER);
        head.add(numbers, BorderLayout.LINE_END);
        bar.setName("threshold." + id);
        bar.addChangeListener(event -> moved());
        on.addActionListener(event -> switched());
        panel.add(head);
        panel.add(bar);
        panel.addComponentListener(new ComponentAdapter() {
            @Override
            public void componentResized(ComponentEvent event) {
                // Where there is little room the numbers go below the name, which is not cut then.
                String place = panel.getWidth() < NARROW ? BorderLayout.SOUTH : BorderLayout.LINE_END;
                if (!place.equals(((BorderLayout) head.getLayout()).getConstraints(numbers))) {
                    head.add(numbers, place);
                    panel.revalidate();
                }
            }
        });
    }

    JComponent component() {
        return panel;
    }

    private Policies policies() {
        return ui.desk().policies();
    }

    private void moved() {
        if (updating) {
            return;
        }
        double value = bar.getValue() / (double) ThresholdBar.STEPS;
        if (policies().policy().rule() == Rule.LOGIT_BIAS) {
            // To the left it refuses more, as a lower threshold does.
            policies().setBias(id, (0.5 - value) * 2 * WIDEST_BIAS);
        } else {
            policies().setThreshold(id, value);
        }
    }

    private void switched() {
        policies().setThreshold(id, on.isSelected() ? bar.getValue() / (double) ThresholdBar.STEPS : null);
    }

    void update(CategoryRow row) {
        updating = true;
        Rule rule = policies().policy().rule();
        boolean sum = rule == Rule.SUM;
        boolean bias = rule == Rule.LOGIT_BIAS;
        Double threshold = row.threshold();
        on.setText(row.name());
        on.getAccessibleContext().setAccessibleName(ui.text("category.refuse", row.name()));
        on.setSelected(threshold != null || sum || bias);
        on.setEnabled(!sum && !bias);
        on.setFont(on.getFont().deriveFont(row.chosen() ? Font.BOLD : Font.PLAIN));
        bar.setLine(!sum && (threshold != null || bias));
        bar.setEnabled(!sum && (threshold != null || bias));
        if (bias) {
            bar.setValue((int) Math.round((0.5 - row.bias() / 2 / WIDEST_BIAS) * ThresholdBar.STEPS));
        } else if (threshold != null) {
            bar.setValue((int) Math.round(threshold * ThresholdBar.STEPS));
        }
        boolean scores = rule == Rule.RELATIVE || rule == Rule.REFIT;
        double shown = scores && !Double.isNaN(row.score()) ? row.score() : row.probability();
        bar.show(shown, bias || sum ? row.chosen() : row.passes());
        numbers.setText(words(row, shown, sum, bias));
        numbers.setForeground(UIManager.getColor("Demur.muted"));
        bar.getAccessibleContext()
                .setAccessibleName(ui.text(bias ? "category.bias" : "category.threshold", row.name()));
        String says = ui.text("category.says", row.name(), numbers.getText());
        bar.getAccessibleContext().setAccessibleDescription(says);
        bar.setToolTipText(says);
        Ui.data(bar);
        updating = false;
    }

    private String words(CategoryRow row, double shown, boolean sum, boolean bias) {
        boolean read = !Double.isNaN(shown);
        String probability = read ? ui.texts().percent(shown) : ui.text("category.unread");
        if (bias) {
            return ui.text("category.withBias", probability, ui.texts().number(row.bias(), 1));
        }
        Double threshold = row.threshold();
        if (sum) {
            return probability;
        }
        if (threshold == null) {
            return ui.text("category.off", probability);
        }
        return read
                ? ui.texts().compared(shown, threshold)
                : ui.text("category.from", ui.texts().percent(threshold));
    }
}
