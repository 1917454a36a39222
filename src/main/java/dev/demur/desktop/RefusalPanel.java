package dev.demur.desktop;

import dev.demur.desktop.model.Answer;
import dev.demur.desktop.model.CategoryRow;
import dev.demur.desktop.model.ChatTurn;
import dev.demur.desktop.model.Policies;
import dev.demur.desktop.text.ColumnLayout;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.Rule;
import java.awt.BorderLayout;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.FlowLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import javax.swing.BorderFactory;
import javax.swing.Box;
import javax.swing.JButton;
import javax.swing.JComboBox;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JSlider;
import javax.swing.JSpinner;
import javax.swing.JTextArea;
import javax.swing.JToggleButton;
import javax.swing.SpinnerNumberModel;
import javax.swing.UIManager;
import org.jspecify.annotations.Nullable;

/** Why the last prompt was refused or not, and how readily prompts are. */
final class RefusalPanel {

    private final Ui ui;
    private final ScrollColumn column = new ScrollColumn(new ColumnLayout(10));
    private final JScrollPane scroll = new JScrollPane(column);
    private final JLabel policyName = new JLabel();
    private final RoundPanel verdict = new RoundPanel(new ColumnLayout(6), "Demur.side");
    private final JTextArea verdictText;
    private final JButton regenerate;
    private final JButton readAgain;
    private final JPanel categories = new JPanel(new ColumnLayout(8));
    private final Map<String, CategoryControl> controls = new LinkedHashMap<>();
    private final JTextArea coverage;
    private final JTextArea promise;
    private final JButton reset;
    private final JButton save;
    private final JToggleButton advanced = new JToggleButton();
    private final JPanel more = new JPanel(new ColumnLayout(6));
    private final JComboBox<String> rule = new JComboBox<>();
    private final JTextArea ruleHelp;
    private final JSpinner temperature = new JSpinner(new SpinnerNumberModel(1.0, 0.05, 20.0, 0.05));
    private final JPanel sumRow = new JPanel(new ColumnLayout(2));
    private final JLabel sumLabel = new JLabel();
    private final JSlider sum = new JSlider(0, ThresholdBar.STEPS, ThresholdBar.STEPS / 2);
    private List<Rule> rules = List.of();
    private boolean updating;

    RefusalPanel(Ui ui, PolicyActions policies, Runnable openScores, Runnable calibrate) {
        this.ui = ui;
        verdictText = ui.paragraph("verdict");
        coverage = ui.paragraph("coverage");
        promise = ui.paragraph("promise.text");
        ruleHelp = ui.paragraph("rule.help");
        regenerate = ui.button("panel.regenerate", this::regenerate);
        readAgain = ui.button("panel.readAgain", () -> ui.desk().answers().readAgain());
        reset = ui.button("policy.reset", () -> ui.desk().policies().reset());
        save = ui.button("policy.save", policies::save);
        column.setBorder(BorderFactory.createEmptyBorder(12, 14, 16, 14));
        scroll.setBorder(BorderFactory.createEmptyBorder());
        scroll.setHorizontalScrollBarPolicy(JScrollPane.HORIZONTAL_SCROLLBAR_NEVER);
        scroll.setOpaque(false);
        scroll.getViewport().setOpaque(false);
        column.setOpaque(true);
        column.setBackground(colour("Demur.panel"));
        scroll.getVerticalScrollBar().setUnitIncrement(24);
        scroll.getAccessibleContext().setAccessibleName(ui.text("panel.title"));

        verdict.add(verdictText);
        verdict.add(row(regenerate, readAgain));
        categories.setOpaque(false);
        more.setOpaque(false);
        sumRow.setOpaque(false);
        build(new ScoresPanel(ui, openScores, calibrate));
        ui.observe(ui.desk().policies().observers(), this::update);
        ui.observe(ui.desk().answers().observers(), this::update);
        ui.observe(ui.desk().chats().shown(), this::update);
        update();
    }

    private void build(ScoresPanel scores) {
        Ui.data(policyName);
        JPanel head = new JPanel(new BorderLayout(6, 0));
        head.setOpaque(false);
        head.add(ui.label("panel.title", "title"), BorderLayout.LINE_START);
        policyName.setForeground(UIManager.getColor("Demur.muted"));
        head.add(policyName, BorderLayout.LINE_END);
        sum.setName("sum");
        sum.setOpaque(false);
        sum.addChangeListener(event -> {
            if (!updating) {
                ui.desk().policies().setSumThreshold(sum.getValue() / (double) ThresholdBar.STEPS);
            }
        });
        sumLabel.setLabelFor(sum);
        Ui.data(sumLabel);
        sumRow.add(sumLabel);
        sumRow.add(sum);
        column.add(head);
        column.add(verdict);
        column.add(scores.promises());
        column.add(sumRow);
        column.add(categories);
        column.add(coverage);
        column.add(promise);
        column.add(row(save, reset));
        column.add(line());
        column.add(scores.component());
        column.add(line());
        advanced();
    }

    private void advanced() {
        ui.dress(advanced, "panel.advanced");
        advanced.putClientProperty("JButton.buttonType", "toolBarButton");
        advanced.addActionListener(event -> {
            more.setVisible(advanced.isSelected());
            column.revalidate();
        });
        JLabel ruleLabel = ui.label("rule.label");
        ruleLabel.setLabelFor(rule);
        rule.setName("rule");
        ui.name(rule, "rule.label");
        rule.addActionListener(event -> {
            if (!updating && rule.getSelectedIndex() >= 0) {
                ui.desk().policies().setRule(rules.get(rule.getSelectedIndex()));
            }
        });
        JLabel tau = ui.label("temperature.label");
        tau.setLabelFor(temperature);
        temperature.setName("temperature");
        ui.name(temperature, "temperature.label");
        if (temperature.getEditor() instanceof JSpinner.DefaultEditor editor) {
            ui.name(editor.getTextField(), "temperature.label");
        }
        temperature.addChangeListener(event -> {
            if (!updating) {
                ui.desk().policies().setTemperature(((Number) temperature.getValue()).doubleValue());
            }
        });
        JTextArea help = ui.paragraph("temperature.help");
        Ui.tell(help, ui.text("temperature.help"));
        more.add(ruleLabel);
        more.add(rule);
        more.add(ruleHelp);
        more.add(tau);
        more.add(temperature);
        more.add(help);
        more.setVisible(false);
        JPanel switchRow = new JPanel(new FlowLayout(FlowLayout.LEADING, 0, 0));
        switchRow.setOpaque(false);
        switchRow.add(advanced);
        column.add(switchRow);
        column.add(more);
    }

    /** A colour of the theme; one that the look does not take back. */
    private static Color colour(String key) {
        Color themed = UIManager.getColor(key);
        return themed == null ? Color.GRAY : new Color(themed.getRGB());
    }

    private static JComponent line() {
        JPanel line = new JPanel(null);
        line.setBackground(colour("Demur.line"));
        line.setPreferredSize(new Dimension(10, 1));
        return line;
    }

    private static JPanel row(JComponent... components) {
        JPanel row = new JPanel(new FlowLayout(FlowLayout.LEADING, 0, 0));
        row.setOpaque(false);
        for (JComponent component : components) {
            row.add(component);
            row.add(Box.createHorizontalStrut(6));
        }
        return row;
    }

    JComponent component() {
        return scroll;
    }

    private void regenerate() {
        ChatTurn last = ui.desk().answers().last();
        if (last != null) {
            ui.desk().answers().regenerate(last);
        }
    }

    private void update() {
        Policies policies = ui.desk().policies();
        boolean there = policies.isThere();
        updating = true;
        for (JComponent part : List.of(categories, verdict, coverage, promise, save, reset, advanced, temperature)) {
            part.setVisible(there);
        }
        sumRow.setVisible(there && policies.policy().rule() == Rule.SUM);
        if (there) {
            name(policies);
            controls(policies);
            verdict(policies);
            coverage(policies.reading());
            promise(policies);
            rules(policies);
            save.setEnabled(policies.isChanged());
            reset.setEnabled(policies.differsFromCalibrated());
        }
        updating = false;
        column.revalidate();
        column.repaint();
    }

    private void name(Policies policies) {
        String name = policies.file() == null
                ? ui.text("policy.own")
                : policies.file().getFileName().toString();
        policyName.setText(policies.isChanged() ? ui.text("policy.changed", name) : name);
    }

    private void controls(Policies policies) {
        List<CategoryRow> rows = policies.rows();
        List<String> ids = rows.stream().map(CategoryRow::id).toList();
        if (!ids.equals(List.copyOf(controls.keySet()))) {
            categories.removeAll();
            controls.clear();
            for (String id : ids) {
                CategoryControl control = new CategoryControl(ui, id);
                controls.put(id, control);
                categories.add(control.component());
            }
        }
        for (CategoryRow row : rows) {
            Objects.requireNonNull(controls.get(row.id())).update(row);
        }
        Double threshold = policies.policy().sumThreshold();
        double value = threshold == null ? 1 : threshold;
        sum.setValue((int) Math.round(value * ThresholdBar.STEPS));
        sumLabel.setText(ui.text("sum.label", ui.texts().percent(value)));
        sum.getAccessibleContext().setAccessibleName(sumLabel.getText());
    }

    private void verdict(Policies policies) {
        Decision decision = policies.decision();
        boolean read = policies.reading() != null;
        ChatTurn last = ui.desk().answers().last();
        Answer answer = last == null ? null : last.answer();
        String now = decision == null ? null : labelOf(decision);
        boolean differs = decision != null
                && answer != null
                && !ui.desk().answers().isRunning()
                && !Objects.equals(now, answer.refusedAs() == null ? answer.label() : answer.refusedAs());
        String key;
        if (!read) {
            key = "verdict.none";
        } else if (decision == null) {
            key = "verdict.stale";
        } else if (decision instanceof Decision.Refuse refuse) {
            key = refuse.category().isCare()
                    ? differs ? "verdict.would.care" : "verdict.care"
                    : differs ? "verdict.would.refuse" : "verdict.refuse";
        } else if (decision instanceof Decision.Respond) {
            key = differs ? "verdict.would.answer" : "verdict.answer";
        } else {
            key = "verdict.model";
        }
        String name = decision instanceof Decision.Refuse refuse ? policies.name(refuse.category()) : "";
        Ui.tell(verdictText, ui.text(key, name));
        boolean refuses = decision instanceof Decision.Refuse;
        verdict.setColour(
                decision == null ? "Demur.side" : refuses ? "Demur.refused.background" : "Demur.answered.background");
        verdictText.setForeground(UIManager.getColor(
                decision == null
                        ? "Label.foreground"
                        : refuses ? "Demur.refused.foreground" : "Demur.answered.foreground"));
        regenerate.setVisible(differs);
        regenerate.setEnabled(ui.desk().answers().canSend());
        readAgain.setVisible(read && decision == null);
        readAgain.setEnabled(ui.desk().answers().canSend());
    }

    private static @Nullable String labelOf(Decision decision) {
        if (decision instanceof Decision.Refuse refuse) {
            return refuse.category().id();
        }
        return decision instanceof Decision.Respond ? Labels.RESPOND : null;
    }

    private void coverage(@Nullable Reading reading) {
        if (reading == null) {
            coverage.setVisible(false);
            return;
        }
        String share = ui.texts().percent(Math.min(1, reading.coverage()));
        Ui.tell(coverage, ui.text(reading.hasLowCoverage() ? "coverage.low" : "coverage.good", share));
        coverage.setForeground(
                UIManager.getColor(reading.hasLowCoverage() ? "Demur.refused.foreground" : "Demur.muted"));
    }

    private void promise(Policies policies) {
        Ui.tell(promise, policies.promise());
        promise.setForeground(UIManager.getColor("Demur.muted"));
    }

    private void rules(Policies policies) {
        if (!policies.rules().equals(rules)) {
            rules = policies.rules();
            rule.removeAllItems();
            rules.forEach(one -> rule.addItem(ui.text("rule." + one.id())));
        }
        rule.setSelectedIndex(rules.indexOf(policies.policy().rule()));
        Ui.tell(ruleHelp, ui.text("rule." + policies.policy().rule().id() + ".help"));
        temperature.setValue(policies.policy().temperature());
    }
}
