package dev.demur.desktop;

import dev.demur.desktop.model.Chat;
import dev.demur.desktop.model.Chats;
import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Dimension;
import java.awt.event.KeyEvent;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.util.List;
import javax.swing.BorderFactory;
import javax.swing.DefaultListCellRenderer;
import javax.swing.DefaultListModel;
import javax.swing.JComponent;
import javax.swing.JList;
import javax.swing.JMenuItem;
import javax.swing.JOptionPane;
import javax.swing.JPanel;
import javax.swing.JPopupMenu;
import javax.swing.JScrollPane;
import javax.swing.JTextField;
import javax.swing.KeyStroke;
import javax.swing.ListSelectionModel;
import javax.swing.event.DocumentEvent;
import javax.swing.event.DocumentListener;
import org.jspecify.annotations.Nullable;

/** The conversations, to be searched, chosen, named and deleted. */
final class ConversationsPanel {

    /** So that no button is cut. */
    private static final int NARROWEST = 180;

    private final Ui ui;
    private final JPanel panel = new JPanel(new BorderLayout(0, 8));
    private final JTextField search = new JTextField();
    private final DefaultListModel<Chat> model = new DefaultListModel<>();
    private final JList<Chat> list = new JList<>(model);
    private boolean updating;

    ConversationsPanel(Ui ui) {
        this.ui = ui;
        panel.setBorder(BorderFactory.createEmptyBorder(10, 10, 10, 8));
        JPanel top = new JPanel(new BorderLayout(0, 8));
        top.setOpaque(false);
        top.add(ui.button("chat.new", () -> ui.desk().chats().begin()), BorderLayout.NORTH);
        search.setName("search");
        search.setDropTarget(null); // files that are dropped are for the window
        ui.name(search, "chat.search");
        search.putClientProperty("JTextField.placeholderText", ui.text("chat.search"));
        search.putClientProperty("JTextField.showClearButton", Boolean.TRUE);
        search.getDocument().addDocumentListener(new DocumentListener() {
            @Override
            public void insertUpdate(DocumentEvent event) {
                update();
            }

            @Override
            public void removeUpdate(DocumentEvent event) {
                update();
            }

            @Override
            public void changedUpdate(DocumentEvent event) {
                update();
            }
        });
        top.add(search, BorderLayout.CENTER);
        panel.add(top, BorderLayout.NORTH);
        list();
        JScrollPane scroll = new JScrollPane(list);
        scroll.setBorder(BorderFactory.createEmptyBorder());
        scroll.setHorizontalScrollBarPolicy(JScrollPane.HORIZONTAL_SCROLLBAR_NEVER);
        panel.add(scroll, BorderLayout.CENTER);
        panel.setMinimumSize(new Dimension(NARROWEST, 0));
        ui.observe(chats().list(), this::update);
        ui.observe(chats().shown(), this::select);
        update();
    }

    private Chats chats() {
        return ui.desk().chats();
    }

    private void list() {
        list.setName("conversations");
        ui.name(list, "chat.list");
        list.setSelectionMode(ListSelectionModel.SINGLE_SELECTION);
        list.setBackground(panel.getBackground());
        list.setFixedCellHeight(30);
        list.setFixedCellWidth(60); // the width of the list, and titles that are cut with an ellipsis
        String untitled = ui.text("chat.untitled");
        list.setCellRenderer(new DefaultListCellRenderer() {
            @Override
            public Component getListCellRendererComponent(
                    JList<?> of, @Nullable Object value, int index, boolean selected, boolean focused) {
                String title = value instanceof Chat chat ? chat.title() : "";
                String shown = title.isEmpty() ? untitled : title;
                super.getListCellRendererComponent(of, shown, index, selected, focused);
                setBorder(BorderFactory.createEmptyBorder(4, 8, 4, 8));
                putClientProperty("html.disable", Boolean.TRUE);
                return this;
            }
        });
        list.addListSelectionListener(event -> {
            Chat chosen = list.getSelectedValue();
            if (!updating && !event.getValueIsAdjusting() && chosen != null) {
                chats().select(chosen);
            }
        });
        list.getInputMap().put(KeyStroke.getKeyStroke(KeyEvent.VK_DELETE, 0), "delete");
        list.getInputMap().put(KeyStroke.getKeyStroke(KeyEvent.VK_F2, 0), "rename");
        list.getActionMap().put("delete", ui.action("chat.delete", this::delete));
        list.getActionMap().put("rename", ui.action("chat.rename", this::rename));
        JPopupMenu menu = new JPopupMenu();
        menu.add(new JMenuItem(ui.action("chat.rename", this::rename)));
        menu.add(new JMenuItem(ui.action("chat.delete", this::delete)));
        list.setComponentPopupMenu(menu);
        list.addMouseListener(new MouseAdapter() {
            @Override
            public void mousePressed(MouseEvent event) {
                int index = list.locationToIndex(event.getPoint());
                if (event.isPopupTrigger() && index >= 0) {
                    list.setSelectedIndex(index);
                }
            }
        });
    }

    JComponent component() {
        return panel;
    }

    void focusSearch() {
        search.requestFocusInWindow();
        search.selectAll();
    }

    private void update() {
        List<Chat> found = chats().search(search.getText());
        updating = true;
        boolean same = found.size() == model.size();
        for (int i = 0; same && i < found.size(); i++) {
            same = found.get(i) == model.get(i);
        }
        if (!same) {
            model.clear();
            model.addAll(found);
        }
        updating = false;
        list.repaint();
        select();
    }

    private void select() {
        updating = true;
        int index = model.indexOf(chats().current());
        if (index < 0) {
            list.clearSelection();
        } else {
            list.setSelectedIndex(index);
        }
        updating = false;
    }

    void rename() {
        Chat chat = chats().current();
        if (chat.isEmpty()) {
            return;
        }
        Object title = JOptionPane.showInputDialog(
                panel,
                ui.text("chat.rename.ask"),
                ui.text("chat.rename"),
                JOptionPane.PLAIN_MESSAGE,
                null,
                null,
                chat.title());
        if (title != null) {
            chats().rename(chat, title.toString());
        }
    }

    void delete() {
        Chat chat = chats().current();
        if (chat.isEmpty()) {
            return;
        }
        Object[] options = {ui.text("chat.delete"), ui.text("cancel")};
        int answer = JOptionPane.showOptionDialog(
                panel,
                ui.text("chat.delete.ask", chat.title()),
                ui.text("chat.delete"),
                JOptionPane.DEFAULT_OPTION,
                JOptionPane.QUESTION_MESSAGE,
                null,
                options,
                options[1]);
        if (answer == 0) {
            ui.desk().answers().stop();
            chats().delete(chat);
        }
    }
}
