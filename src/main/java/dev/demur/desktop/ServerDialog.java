package dev.demur.desktop;

import dev.demur.desktop.model.ModelSession;
import dev.demur.desktop.model.ServerState;
import dev.demur.desktop.model.ServerSwitch;
import dev.demur.desktop.text.ColumnLayout;
import java.awt.BorderLayout;
import java.awt.Dimension;
import java.awt.FlowLayout;
import java.awt.Font;
import java.awt.Frame;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JCheckBox;
import javax.swing.JComponent;
import javax.swing.JDialog;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JSpinner;
import javax.swing.JTextArea;
import javax.swing.JTextField;
import javax.swing.SpinnerNumberModel;
import javax.swing.UIManager;

/** The switch of the local server, with what another program has to know to ask it. */
final class ServerDialog {

    private static final int LAST_PORT = 65_535;

    private final Ui ui;
    private final JDialog dialog;
    private final JCheckBox on = new JCheckBox();
    private final JSpinner port;
    private final JTextArea state;
    private final JTextArea decides;
    private final JPanel facts = new JPanel(new ColumnLayout(8));
    private final JTextField address = new JTextField();
    private final JTextField token = new JTextField();
    private final JTextArea example;

    ServerDialog(Ui ui, Frame parent) {
        this.ui = ui;
        dialog = new JDialog(parent, ui.text("server.title"), false);
        dialog.setName("server");
        port = new JSpinner(new SpinnerNumberModel(server().port(), 0, LAST_PORT, 1));
        port.setEditor(new JSpinner.NumberEditor(port, "0")); // a port has no thousands
        state = ui.paragraph("server.state");
        decides = ui.paragraph("server.decides");
        example = ui.paragraph("server.example");
        build();
        ui.observe(server().observers(), this::update);
        ui.observe(ui.desk().models().observers(), this::update);
        update();
        dialog.setPreferredSize(new Dimension(620, 560));
        dialog.pack();
        dialog.setLocationRelativeTo(parent);
    }

    private ServerSwitch server() {
        return ui.desk().server();
    }

    private void build() {
        JPanel form = new JPanel(new ColumnLayout(10));
        form.setBorder(BorderFactory.createEmptyBorder(14, 16, 6, 16));
        JTextArea help = ui.paragraph("server.help");
        Ui.tell(help, ui.text("server.help"));
        ui.dress(on, "server.switch");
        on.addActionListener(event -> switched());
        JLabel portLabel = ui.label("server.port");
        portLabel.setLabelFor(port);
        port.setName("server.port");
        ui.name(port, "server.port");
        if (port.getEditor() instanceof JSpinner.DefaultEditor editor) {
            ui.name(editor.getTextField(), "server.port");
            editor.getTextField().setColumns(6);
        }
        JPanel portRow = new JPanel(new BorderLayout(8, 0));
        portRow.add(portLabel, BorderLayout.CENTER);
        portRow.add(port, BorderLayout.LINE_END);
        form.add(help);
        form.add(on);
        form.add(portRow);
        form.add(state);
        facts.setOpaque(false);
        facts.add(decides);
        facts.add(fact("server.address", "server.address.copy", address));
        facts.add(fact("server.token", "server.token.copy", token));
        facts.add(ui.label("server.try"));
        Ui.data(example);
        example.setFont(new Font(Font.MONOSPACED, Font.PLAIN, example.getFont().getSize() - 1));
        example.setFocusable(true);
        example.setLineWrap(true);
        RoundPanel box = new RoundPanel(new ColumnLayout(0), "Demur.side");
        box.add(example);
        facts.add(box);
        JPanel copyRow = new JPanel(new FlowLayout(FlowLayout.TRAILING, 0, 0));
        copyRow.setOpaque(false);
        copyRow.add(ui.button("server.example.copy", () -> Ui.copy(example.getText())));
        facts.add(copyRow);
        form.add(facts);
        JPanel buttons = new JPanel(new FlowLayout(FlowLayout.TRAILING, 8, 10));
        buttons.add(ui.button("close", () -> dialog.setVisible(false)));
        dialog.add(form, BorderLayout.CENTER);
        dialog.add(buttons, BorderLayout.SOUTH);
        Ui.bind(dialog.getRootPane(), "ESCAPE", () -> dialog.setVisible(false));
    }

    private JComponent fact(String key, String copyKey, JTextField field) {
        field.setName(key);
        ui.name(field, key);
        field.setEditable(false);
        Ui.data(field);
        JLabel label = ui.label(key);
        label.setLabelFor(field);
        label.setPreferredSize(new Dimension(80, label.getPreferredSize().height));
        JButton copy = ui.button(copyKey, () -> Ui.copy(field.getText()));
        JPanel row = new JPanel(new BorderLayout(8, 0));
        row.setOpaque(false);
        row.add(label, BorderLayout.LINE_START);
        row.add(field, BorderLayout.CENTER);
        row.add(copy, BorderLayout.LINE_END);
        return row;
    }

    private void switched() {
        if (on.isSelected()) {
            server().start(((Number) port.getValue()).intValue());
            ui.desk().save();
        } else {
            server().stop();
        }
        update();
    }

    JDialog window() {
        return dialog;
    }

    void show() {
        dialog.setVisible(true);
        dialog.toFront();
    }

    private void update() {
        ServerState now = server().state();
        boolean running = now instanceof ServerState.On;
        boolean off = now instanceof ServerState.Off || now instanceof ServerState.Failed;
        ModelSession session = ui.desk().models().session();
        on.setSelected(running || now instanceof ServerState.Starting);
        on.setEnabled(!off || server().canStart()); // while it starts it keeps the focus
        port.setEnabled(off);
        facts.setVisible(running);
        String text;
        if (now instanceof ServerState.On) {
            text = ui.text("server.on", server().answered());
        } else if (now instanceof ServerState.Failed failed) {
            text = failed.problem();
        } else if (now instanceof ServerState.Starting) {
            text = ui.text("server.starting");
        } else if (now instanceof ServerState.Stopping) {
            text = ui.text("server.stopping");
        } else {
            text = ui.text(session == null ? "server.noModel" : "server.off");
        }
        Ui.tell(state, text);
        if (now instanceof ServerState.Failed) {
            Ui.data(state); // the problem may be the library's words
        }
        state.setForeground(UIManager.getColor(
                now instanceof ServerState.Failed
                        ? "Demur.refused.foreground"
                        : running ? "Demur.answered.foreground" : "Label.foreground"));
        if (now instanceof ServerState.On at && session != null) {
            address.setText(at.address());
            token.setText(at.token());
            address.setCaretPosition(0);
            token.setCaretPosition(0);
            Ui.tell(decides, ui.text("server.decides", session.file().getFileName()));
            Ui.tell(example, example(at));
        }
        dialog.revalidate();
        dialog.repaint();
    }

    /** A command that a shell of any system takes. */
    private static String example(ServerState.On at) {
        return "curl " + at.address() + "/chat/completions -H \"Authorization: Bearer " + at.token()
                + "\" -H \"Content-Type: application/json\" -d "
                + "\"{\\\"messages\\\": [{\\\"role\\\": \\\"user\\\", \\\"content\\\": \\\"Hello\\\"}]}\"";
    }
}
