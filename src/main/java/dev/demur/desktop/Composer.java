package dev.demur.desktop;

import dev.demur.desktop.model.ModelState;
import java.awt.BorderLayout;
import java.awt.CardLayout;
import java.awt.Dimension;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.Insets;
import java.awt.KeyboardFocusManager;
import java.awt.RenderingHints;
import java.awt.event.ActionEvent;
import javax.swing.AbstractAction;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JPanel;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.KeyStroke;
import javax.swing.UIManager;
import javax.swing.event.DocumentEvent;
import javax.swing.event.DocumentListener;
import javax.swing.text.DefaultEditorKit;

/** Where a message is written. Enter sends it, Shift and Enter begin a new line. */
final class Composer {

    private static final int MOST_ROWS = 8;

    private final Ui ui;
    private final JPanel panel = new JPanel(new BorderLayout(8, 0));
    private final JTextArea area;
    private final JButton send;
    private final JButton stop;
    private final JLabel waiting;

    Composer(Ui ui) {
        this.ui = ui;
        String placeholder = ui.text("composer.placeholder");
        area = new JTextArea(2, 40) {
            @Override
            protected void paintComponent(Graphics graphics) {
                super.paintComponent(graphics);
                if (getText().isEmpty()) {
                    Graphics2D canvas = (Graphics2D) graphics.create();
                    canvas.setRenderingHint(
                            RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
                    canvas.setColor(UIManager.getColor("Demur.muted"));
                    canvas.setFont(getFont());
                    Insets insets = getInsets();
                    canvas.drawString(
                            placeholder,
                            insets.left,
                            insets.top + getFontMetrics(getFont()).getAscent());
                    canvas.dispose();
                }
            }
        };
        area.setName("composer");
        ui.name(area, "composer.name");
        area.setDropTarget(null); // files that are dropped are for the window
        area.setLineWrap(true);
        area.setWrapStyleWord(true);
        area.setFont(UIManager.getFont("Label.font"));
        area.setBorder(BorderFactory.createEmptyBorder(6, 8, 6, 8));
        area.getInputMap().put(KeyStroke.getKeyStroke("ENTER"), "demur.send");
        area.getInputMap().put(KeyStroke.getKeyStroke("shift ENTER"), DefaultEditorKit.insertBreakAction);
        area.getActionMap().put("demur.send", new AbstractAction() {
            @Override
            public void actionPerformed(ActionEvent event) {
                send();
            }
        });
        // Tab leaves the field, as it does everywhere else.
        area.setFocusTraversalKeys(KeyboardFocusManager.FORWARD_TRAVERSAL_KEYS, null);
        area.setFocusTraversalKeys(KeyboardFocusManager.BACKWARD_TRAVERSAL_KEYS, null);
        send = ui.button("send", this::send);
        send.putClientProperty("JButton.buttonType", "default");
        waiting = ui.label("composer.waiting", "small");
        waiting.setForeground(UIManager.getColor("Demur.muted"));
        waiting.setVisible(false);
        stop = ui.button("stop", () -> ui.desk().answers().stop());
        JScrollPane scroll = new JScrollPane(area);
        scroll.setHorizontalScrollBarPolicy(JScrollPane.HORIZONTAL_SCROLLBAR_NEVER);
        JPanel buttons = new JPanel(new BorderLayout());
        buttons.setOpaque(false);
        JPanel inner = new JPanel(new CardLayout());
        inner.setOpaque(false);
        inner.add(send, "send");
        inner.add(stop, "stop");
        buttons.add(inner, BorderLayout.SOUTH);
        panel.add(scroll, BorderLayout.CENTER);
        panel.add(buttons, BorderLayout.LINE_END);
        panel.add(waiting, BorderLayout.SOUTH);
        panel.setBorder(BorderFactory.createEmptyBorder(8, 22, 12, 22));
        panel.setBackground(UIManager.getColor("Demur.paper"));
        area.getDocument().addDocumentListener(new DocumentListener() {
            @Override
            public void insertUpdate(DocumentEvent event) {
                grow();
            }

            @Override
            public void removeUpdate(DocumentEvent event) {
                grow();
            }

            @Override
            public void changedUpdate(DocumentEvent event) {
                grow();
            }
        });
        ui.observe(ui.desk().answers().observers(), this::update);
        ui.observe(ui.desk().models().observers(), this::modelChanged);
        update();
    }

    JComponent component() {
        return panel;
    }

    String draft() {
        return area.getText();
    }

    void setDraft(String draft) {
        area.setText(draft);
    }

    void focus() {
        area.requestFocusInWindow();
    }

    private void grow() {
        waiting.setVisible(false);
        int width = Math.max(1, area.getWidth());
        int line = area.getFontMetrics(area.getFont()).getHeight();
        area.setRows(2);
        area.setSize(width, Short.MAX_VALUE);
        int height = area.getPreferredSize().height;
        int rows = Math.max(2, Math.min(MOST_ROWS, height / Math.max(1, line)));
        if (panel.getComponent(0) instanceof JScrollPane scroll) {
            scroll.setPreferredSize(new Dimension(100, rows * line + 18));
        }
        panel.revalidate();
        update();
    }

    private void send() {
        String text = area.getText();
        if (!text.isBlank() && ui.desk().answers().canSend()) {
            area.setText("");
            ui.desk().answers().send(text);
        } else if (!text.isBlank() && isLoading()) {
            waiting.setVisible(true); // goes out once there is a model, unless it is changed before
        }
    }

    /** Whether the first model is on its way. */
    private boolean isLoading() {
        return ui.desk().models().session() == null && ui.desk().models().state() instanceof ModelState.Loading;
    }

    private void modelChanged() {
        update();
        if (waiting.isVisible() && !isLoading()) {
            waiting.setVisible(false);
            send();
        }
    }

    private void update() {
        boolean running = ui.desk().answers().isRunning();
        send.setVisible(!running);
        stop.setVisible(running);
        send.setEnabled(ui.desk().answers().canSend() && !area.getText().isBlank());
    }
}
