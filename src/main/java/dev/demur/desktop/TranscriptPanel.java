package dev.demur.desktop;

import dev.demur.desktop.model.Answer;
import dev.demur.desktop.model.ChatTurn;
import dev.demur.desktop.text.ColumnLayout;
import java.awt.Color;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.swing.BorderFactory;
import javax.swing.JComponent;
import javax.swing.JLabel;
import javax.swing.JScrollBar;
import javax.swing.JScrollPane;
import javax.swing.JTextArea;
import javax.swing.SwingUtilities;
import javax.swing.UIManager;
import org.jspecify.annotations.Nullable;

/** The messages of the conversation that is shown. */
final class TranscriptPanel {

    private static final int WIDEST = 820;

    /** So near the end, in pixels, somebody reads what comes last. */
    private static final int NEAR = 60;

    private final Ui ui;
    private final ScrollColumn column = new ScrollColumn(new ColumnLayout(14, WIDEST));
    private final JScrollPane scroll = new JScrollPane(column);
    private final Map<String, MessageView> views = new HashMap<>();
    private final JTextArea welcome;
    private final JLabel thinking;
    private List<String> shown = List.of();

    TranscriptPanel(Ui ui) {
        this.ui = ui;
        welcome = ui.paragraph("welcome");
        thinking = ui.label("answer.thinking");
        column.setBorder(BorderFactory.createEmptyBorder(18, 22, 18, 22));
        column.setName("transcript");
        scroll.setBorder(BorderFactory.createEmptyBorder());
        scroll.setHorizontalScrollBarPolicy(JScrollPane.HORIZONTAL_SCROLLBAR_NEVER);
        scroll.getVerticalScrollBar().setUnitIncrement(24);
        scroll.getAccessibleContext().setAccessibleName(ui.text("transcript.name"));
        paint();
        ui.observe(ui.desk().chats().shown(), this::update);
        ui.observe(ui.desk().answers().observers(), this::update);
        ui.observe(ui.desk().answers().progress(), this::grow);
        ui.observe(ui.desk().models().observers(), this::welcome);
        update();
    }

    JComponent component() {
        return scroll;
    }

    private void paint() {
        Color paper = UIManager.getColor("Demur.paper");
        scroll.getViewport().setBackground(paper);
        scroll.setBackground(paper);
        thinking.setForeground(UIManager.getColor("Demur.muted"));
        welcome.setForeground(UIManager.getColor("Demur.muted"));
    }

    private void update() {
        boolean follow = isAtEnd();
        List<ChatTurn> path = ui.desk().chats().current().path();
        List<String> ids = path.stream().map(ChatTurn::id).toList();
        boolean other = shown.isEmpty() || ids.isEmpty() || !ids.get(0).equals(shown.get(0));
        List<JComponent> components = new ArrayList<>();
        Map<String, MessageView> kept = new HashMap<>();
        for (ChatTurn turn : path) {
            MessageView view = views.get(turn.id());
            if (view == null || !view.shows(turn)) {
                view = new MessageView(ui, turn);
            } else {
                view.grow(turn);
            }
            kept.put(turn.id(), view);
            components.add(view.component());
        }
        views.clear();
        views.putAll(kept);
        column.removeAll();
        if (path.isEmpty()) {
            column.add(welcome);
            welcome();
        }
        components.forEach(column::add);
        if (ui.desk().answers().isRunning() && ui.desk().answers().writing() == null) {
            column.add(thinking);
        }
        shown = ids;
        column.revalidate();
        column.repaint();
        if (follow || other || ui.desk().answers().isRunning()) {
            toEnd();
        }
    }

    private void welcome() {
        String name = ui.desk().models().session() == null ? "welcome.noModel" : "welcome";
        Ui.tell(welcome, ui.text(name));
    }

    private void grow() {
        String writing = ui.desk().answers().writing();
        MessageView view = writing == null ? null : views.get(writing);
        if (view != null
                && writing != null
                && ui.desk().chats().current().path().stream()
                        .anyMatch(turn -> turn.id().equals(writing))) {
            boolean follow = isAtEnd();
            view.grow(ui.desk().chats().current().turn(writing));
            column.revalidate();
            if (follow) {
                toEnd();
            }
        }
    }

    private boolean isAtEnd() {
        JScrollBar bar = scroll.getVerticalScrollBar();
        return bar.getValue() + bar.getVisibleAmount() >= bar.getMaximum() - NEAR;
    }

    private void toEnd() {
        SwingUtilities.invokeLater(() -> {
            scroll.validate();
            JScrollBar bar = scroll.getVerticalScrollBar();
            bar.setValue(bar.getMaximum());
        });
    }

    /** Shows or hides the numbers of the last answer. */
    void toggleNumbers() {
        ChatTurn last = ui.desk().answers().last();
        Answer answer = last == null ? null : last.answer();
        MessageView view = last == null ? null : views.get(last.id());
        if (answer != null && view != null) {
            view.toggleNumbers(answer);
        }
    }

    /** Lets a person edit their last message. */
    void editLast() {
        @Nullable MessageView last = null;
        for (ChatTurn turn : ui.desk().chats().current().path()) {
            if (turn.isUser()) {
                last = views.get(turn.id());
            }
        }
        if (last != null && ui.desk().answers().canSend()) {
            last.edit();
        }
    }
}
