package dev.demur.desktop;

import dev.demur.desktop.model.Answers;
import dev.demur.desktop.model.ModelSession;
import dev.demur.desktop.model.ModelState;
import dev.demur.desktop.model.Models;
import dev.demur.desktop.model.ServerState;
import java.awt.BorderLayout;
import java.awt.Dimension;
import java.awt.FlowLayout;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JProgressBar;

/** The model, how far it is loaded, how fast it writes and how full its context is. */
final class StatusBar {

    private static final int PERCENT = 100;

    private final Ui ui;
    private final JPanel panel = new JPanel(new BorderLayout(12, 0));
    private final JLabel model = new JLabel();
    private final JProgressBar loading = new JProgressBar(0, PERCENT);
    private final JButton cancel;
    private final JLabel speed = new JLabel();
    private final JLabel contextLabel;
    private final JProgressBar context = new JProgressBar(0, PERCENT);
    private final JButton server;

    /** @param showServer shows the switch of the local server */
    StatusBar(Ui ui, Runnable showServer) {
        this.ui = ui;
        Ui.data(model);
        Ui.data(speed);
        model.setName("model");
        speed.setName("speed");
        loading.setName("loading");
        loading.setPreferredSize(new Dimension(140, 10));
        ui.name(loading, "model.loading.name");
        context.setName("context");
        context.setPreferredSize(new Dimension(110, 8));
        cancel = ui.button("model.cancel", () -> ui.desk().models().cancel());
        server = ui.quiet("server.running", showServer);
        contextLabel = Ui.data(new JLabel());
        JPanel left = new JPanel(new FlowLayout(FlowLayout.LEADING, 8, 0));
        left.add(model);
        left.add(loading);
        left.add(cancel);
        JPanel right = new JPanel(new FlowLayout(FlowLayout.TRAILING, 8, 0));
        right.add(server);
        right.add(speed);
        right.add(contextLabel);
        right.add(context);
        panel.add(left, BorderLayout.CENTER);
        panel.add(right, BorderLayout.LINE_END);
        panel.setBorder(BorderFactory.createEmptyBorder(4, 8, 5, 8));
        ui.observe(ui.desk().models().observers(), this::update);
        ui.observe(ui.desk().answers().progress(), this::numbers);
        ui.observe(ui.desk().server().observers(), this::server);
        ui.observe(ui.desk().answers().observers(), this::numbers);
        update();
        server();
    }

    private void server() {
        server.setVisible(ui.desk().server().state() instanceof ServerState.On);
    }

    JComponent component() {
        return panel;
    }

    private void update() {
        Models models = ui.desk().models();
        ModelState state = models.state();
        boolean loads = state instanceof ModelState.Loading;
        loading.setVisible(loads);
        cancel.setVisible(loads);
        if (state instanceof ModelState.Loading now) {
            loading.setValue((int) Math.round(now.progress() * PERCENT));
            model.setText(ui.text("model.loading", now.file().getFileName()));
        } else if (state instanceof ModelState.Ready ready) {
            ModelSession session = ready.session();
            String device = session.devices().isEmpty()
                    ? ui.text(session.fellBack() ? "model.fellBack" : "model.processor", session.threads())
                    : String.join(", ", session.devices());
            model.setText(ui.text("model.ready", session.file().getFileName(), readout(session), device));
        } else if (state instanceof ModelState.Failed failed) {
            model.setText(ui.text("model.failed", failed.file().getFileName()));
        } else {
            model.setText(ui.text("model.none"));
        }
        model.setToolTipText(model.getText());
        numbers();
    }

    private String readout(ModelSession session) {
        return ui.texts().getOr("readout." + session.readout().kind(), session.readoutDescription());
    }

    private void numbers() {
        Answers answers = ui.desk().answers();
        ModelSession session = ui.desk().models().session();
        double perSecond = answers.speed();
        speed.setText(
                perSecond <= 0
                        ? ""
                        : ui.text(
                                answers.isRunning() ? "speed.about" : "speed",
                                ui.texts().number(perSecond, 1)));
        int size = session == null ? 0 : session.contextSize();
        int used = Math.min(size, answers.used());
        boolean known = size > 0;
        contextLabel.setVisible(known);
        context.setVisible(known);
        if (known) {
            contextLabel.setText(ui.text("context", used, size));
            context.setValue((int) ((long) used * PERCENT / size));
            context.getAccessibleContext().setAccessibleName(contextLabel.getText());
            context.setToolTipText(ui.text("context.tip"));
        }
    }
}
