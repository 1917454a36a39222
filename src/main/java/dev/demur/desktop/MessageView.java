package dev.demur.desktop;

import dev.demur.FinishReason;
import dev.demur.desktop.model.Answer;
import dev.demur.desktop.model.Answers;
import dev.demur.desktop.model.ChatTurn;
import dev.demur.desktop.model.Chats;
import dev.demur.desktop.text.ColumnLayout;
import dev.demur.desktop.text.MarkdownView;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import java.awt.FlowLayout;
import java.awt.event.ActionEvent;
import java.util.List;
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
import org.jspecify.annotations.Nullable;

/** One message of the conversation, with what can be done with it. */
final class MessageView {

    private final Ui ui;
    private final JPanel panel = new JPanel(new ColumnLayout(4));
    private final @Nullable MarkdownView markdown;
    private @Nullable JComponent numbers;
    private ChatTurn turn;
    private boolean idle;

    MessageView(Ui ui, ChatTurn turn) {
        this.ui = ui;
        this.turn = turn;
        this.idle = !answers().isRunning();
        panel.setOpaque(false);
        panel.setName((turn.isUser() ? "message." : "answer.") + turn.id());
        Answer answer = turn.answer();
        if (answer == null) {
            markdown = null;
            question();
        } else {
            MarkdownView view = new MarkdownView(
                    new MarkdownView.Words(
                            ui.text("answer.name"),
                            ui.text("code.name"),
                            ui.text("table.name"),
                            ui.text("copy"),
                            ui.text("code.copy")),
                    Ui::copy);
            markdown = view;
            view.setText(turn.text());
            answer(view, answer);
        }
    }

    JComponent component() {
        return panel;
    }

    private Answers answers() {
        return ui.desk().answers();
    }

    private Chats chats() {
        return ui.desk().chats();
    }

    /** Whether it still shows this, so that nothing is to be made anew. */
    boolean shows(ChatTurn now) {
        boolean sameState = now.answer() == turn.answer() && idle == !answers().isRunning();
        return sameState
                && unanswered == isUnanswered(now)
                && chats().current().versions(now).size() == versions;
    }

    private int versions;
    private boolean unanswered;

    /** Whether it is a message that nothing answers, as after a kill. */
    private boolean isUnanswered(ChatTurn now) {
        ChatTurn last = answers().last();
        return now.isUser()
                && last != null
                && last.id().equals(now.id())
                && !answers().isRunning();
    }

    /** Shows more of an answer. */
    void grow(ChatTurn now) {
        if (markdown != null && !now.text().equals(turn.text())) {
            markdown.setText(now.text());
        }
        turn = now;
    }

    private void question() {
        RoundPanel bubble = new RoundPanel(new ColumnLayout(0), "Demur.user.background");
        bubble.add(MarkdownView.plain(turn.text(), ui.text("message.name")));
        JPanel side = new JPanel(new BubbleLayout());
        side.setOpaque(false);
        side.add(bubble);
        panel.add(side);
        JPanel row = row(FlowLayout.TRAILING);
        versions(row);
        unanswered = isUnanswered(turn);
        if (unanswered) {
            row.add(small("message.answer", () -> answers().regenerate(turn)));
        }
        row.add(small("message.edit", this::edit));
        row.add(ui.quiet("copy", () -> Ui.copy(turn.text())));
        panel.add(row);
    }

    private JButton small(String key, Runnable task) {
        JButton button = ui.quiet(key, task);
        button.setEnabled(answers().canSend());
        return button;
    }

    private void answer(MarkdownView view, Answer answer) {
        JPanel head = row(FlowLayout.LEADING);
        head.add(badge(answer));
        panel.add(head);
        panel.add(view.component());
        String note = note(answer);
        if (note != null) {
            JTextArea label = ui.paragraph("answer.note");
            Ui.tell(label, note);
            label.setForeground(UIManager.getColor("Demur.muted"));
            panel.add(label);
        }
        JPanel row = row(FlowLayout.LEADING);
        versions(row);
        row.add(ui.quiet("copy", () -> Ui.copy(turn.text())));
        row.add(small("answer.again", () -> answers().regenerate(turn)));
        if (answer.refused()) {
            row.add(small("answer.anyway", () -> answers().answerAnyway(turn)));
        }
        panel.add(row);
    }

    /** What was decided; a click shows the numbers. */
    private JButton badge(Answer answer) {
        String kind = answer.refused() ? "refused" : answer.overruled() ? "overruled" : "answered";
        JButton badge = new JButton(words(answer));
        badge.setName("badge");
        badge.putClientProperty(
                "FlatLaf.style",
                "arc: 999; borderWidth: 0; focusWidth: 1; margin: 2,10,2,10; font: -1; background: $Demur." + kind
                        + ".background; foreground: $Demur." + kind + ".foreground");
        badge.setToolTipText(ui.text("badge.tip"));
        badge.getAccessibleContext().setAccessibleName(badge.getText());
        badge.getAccessibleContext().setAccessibleDescription(ui.text("badge.tip"));
        badge.addActionListener(event -> toggleNumbers(answer));
        return badge;
    }

    private String words(Answer answer) {
        String label = answer.label();
        if (answer.overruled()) {
            String refusedAs = answer.refusedAs();
            return refusedAs == null
                    ? ui.text("badge.overruledNothing")
                    : ui.text("badge.overruled", name(answer, refusedAs));
        }
        if (label == null) {
            return ui.text("badge.model");
        }
        if (label.equals(Labels.RESPOND)) {
            return ui.text("badge.answered");
        }
        return ui.text(label.equals(Category.DISTRESS) ? "badge.care" : "badge.refused", name(answer, label));
    }

    private String name(Answer answer, String id) {
        Labels labels = answer.reading().labels();
        int index = labels.indexOf(id);
        return index < 0 ? id : ui.desk().policies().name(labels.categories().get(index));
    }

    private @Nullable String note(Answer answer) {
        String finish = answer.finish();
        if (finish.equals(Answer.INTERRUPTED)) {
            return ui.text("finish.interrupted");
        }
        if (finish.equals(Answer.FAILED)) {
            return ui.text("finish.failed");
        }
        if (finish.equals(FinishReason.CANCELLED.id())) {
            return ui.text("finish.stopped");
        }
        return finish.equals(FinishReason.LENGTH.id()) ? ui.text("finish.length") : null;
    }

    void toggleNumbers(Answer answer) {
        if (numbers == null) {
            JComponent made = NumbersView.of(ui, answer);
            numbers = made;
            panel.add(made, 1);
        } else {
            panel.remove(numbers);
            numbers = null;
        }
        panel.revalidate();
        panel.repaint();
    }

    private void versions(JPanel row) {
        List<ChatTurn> all = chats().current().versions(turn);
        versions = all.size();
        if (versions > 1) {
            int place = all.indexOf(turn);
            JButton before = small("version.before", () -> chats().showVersion(turn, -1));
            JButton after = small("version.after", () -> chats().showVersion(turn, 1));
            before.setText("‹");
            after.setText("›");
            Ui.data(before);
            Ui.data(after);
            before.setEnabled(before.isEnabled() && place > 0);
            after.setEnabled(after.isEnabled() && place < versions - 1);
            JLabel label = Ui.data(new JLabel(ui.text("version", place + 1, versions)));
            label.putClientProperty("FlatLaf.styleClass", "small");
            row.add(before);
            row.add(label);
            row.add(after);
        }
    }

    private static JPanel row(int side) {
        JPanel row = new JPanel(new FlowLayout(side, 2, 0));
        row.setOpaque(false);
        return row;
    }

    /** Lets a person write another version of the message, which becomes a branch. */
    void edit() {
        JTextArea area = new JTextArea(turn.text());
        area.setName("edit");
        ui.name(area, "message.edit.name");
        area.setLineWrap(true);
        area.setWrapStyleWord(true);
        area.setBorder(BorderFactory.createEmptyBorder(6, 8, 6, 8));
        area.setRows(Math.min(10, Math.max(3, area.getLineCount())));
        JScrollPane scroll = new JScrollPane(area);
        JPanel row = row(FlowLayout.TRAILING);
        JButton send = ui.button("message.edit.send", () -> send(area.getText()));
        row.add(ui.button("cancel", this::cancelEdit));
        row.add(send);
        area.getInputMap().put(KeyStroke.getKeyStroke("ctrl ENTER"), "send");
        area.getActionMap().put("send", new AbstractAction() {
            @Override
            public void actionPerformed(ActionEvent event) {
                send(area.getText());
            }
        });
        area.getInputMap().put(KeyStroke.getKeyStroke("ESCAPE"), "cancel");
        area.getActionMap().put("cancel", new AbstractAction() {
            @Override
            public void actionPerformed(ActionEvent event) {
                cancelEdit();
            }
        });
        panel.removeAll();
        panel.add(scroll);
        panel.add(row);
        panel.revalidate();
        panel.repaint();
        area.requestFocusInWindow();
    }

    private void send(String text) {
        if (!text.isBlank() && answers().canSend()) {
            answers().edit(turn, text);
        }
    }

    private void cancelEdit() {
        panel.removeAll();
        question();
        panel.revalidate();
        panel.repaint();
    }
}
