package dev.demur.desktop;

import dev.demur.desktop.model.ChatTurn;
import dev.demur.desktop.model.Desk;
import dev.demur.desktop.model.Settings;
import dev.demur.desktop.text.MarkdownView;
import java.awt.BorderLayout;
import java.awt.Component;
import java.awt.Dimension;
import java.awt.GraphicsConfiguration;
import java.awt.Rectangle;
import java.awt.datatransfer.DataFlavor;
import java.awt.datatransfer.UnsupportedFlavorException;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import javax.swing.BorderFactory;
import javax.swing.JButton;
import javax.swing.JComponent;
import javax.swing.JFrame;
import javax.swing.JPanel;
import javax.swing.JSplitPane;
import javax.swing.JTextArea;
import javax.swing.TransferHandler;
import javax.swing.UIManager;
import javax.swing.WindowConstants;
import org.jspecify.annotations.Nullable;

/** The window. */
final class MainWindow {

    private static final int SMALLEST_WIDTH = 720;
    private static final int SMALLEST_HEIGHT = 480;
    private static final int LEFT = 220;
    private static final int RIGHT = 360;

    private final Ui ui;
    private final JFrame frame;
    private final FileChoice files;
    private final PolicyActions policies;
    private final ModelActions models;
    private final Runnable closed;
    private final JSplitPane left = new JSplitPane();
    private final JSplitPane right = new JSplitPane();
    private final RoundPanel notice = new RoundPanel(new BorderLayout(8, 0), "Demur.warning.background");
    private final JTextArea noticeText;
    private Theme theme;
    private @Nullable TranscriptPanel transcript;
    private @Nullable ConversationsPanel conversations;
    private @Nullable Composer composer;
    private @Nullable RefusalPanel refusal;
    private @Nullable CalibrateDialog calibrate;
    private @Nullable ServerDialog server;

    /** @param closed runs once the window is gone */
    MainWindow(Desk desk, FileChoice files, Runnable closed) {
        this.ui = new Ui(desk);
        this.files = files;
        this.closed = closed;
        Settings settings = desk.settings();
        theme = Theme.of(settings.text("theme"));
        theme.use(settings.integer("zoom", 0));
        frame = new JFrame(ui.text("title"));
        frame.setName("main");
        frame.getAccessibleContext().setAccessibleName(ui.text("title"));
        policies = new PolicyActions(ui, frame, files);
        models = new ModelActions(ui, frame, files, policies, this::fit);
        noticeText = ui.paragraph("notice");
        Ui.data(noticeText);
        build();
        frame.setDefaultCloseOperation(WindowConstants.DO_NOTHING_ON_CLOSE);
        frame.addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosing(WindowEvent event) {
                close();
            }
        });
        desk.onNotice(this::notice);
        Thread prepare = new Thread(MarkdownView::prepare, "demur-desktop-prepare");
        prepare.setDaemon(true);
        prepare.start();
        place(settings);
    }

    private void build() {
        ConversationsPanel list = new ConversationsPanel(ui);
        TranscriptPanel messages = new TranscriptPanel(ui);
        Composer input = new Composer(ui);
        RefusalPanel panel = new RefusalPanel(ui, policies, this::openScores, this::score);
        conversations = list;
        transcript = messages;
        composer = input;
        refusal = panel;

        JPanel middle = new JPanel(new BorderLayout());
        middle.setBackground(UIManager.getColor("Demur.paper"));
        JPanel top = new JPanel(new BorderLayout());
        top.setOpaque(false);
        top.setBorder(BorderFactory.createEmptyBorder(8, 22, 0, 22));
        notice.add(noticeText, BorderLayout.CENTER);
        JButton dismiss = ui.button("dismiss", () -> notice.setVisible(false));
        notice.add(dismiss, BorderLayout.LINE_END);
        notice.setVisible(false);
        top.add(notice);
        middle.add(top, BorderLayout.NORTH);
        middle.add(messages.component(), BorderLayout.CENTER);
        middle.add(input.component(), BorderLayout.SOUTH);

        right.updateUI(); // they are older than the theme
        left.updateUI();
        split(right, middle, panel.component(), "divider.right");
        right.setResizeWeight(0.75);
        left.setResizeWeight(0.15);
        split(left, list.component(), right, "divider.left");
        frame.add(left, BorderLayout.CENTER);
        frame.add(new StatusBar(ui, this::showServer).component(), BorderLayout.SOUTH);
        frame.setJMenuBar(new Menus(ui, this, policies, models).bar());
        keys(frame.getRootPane());
        frame.getRootPane().setTransferHandler(dropping());
    }

    private void split(JSplitPane pane, JComponent first, JComponent second, String key) {
        pane.setLeftComponent(first);
        pane.setRightComponent(second);
        pane.setBorder(null);
        pane.setContinuousLayout(true);
        ui.name(pane, key);
    }

    private void keys(JComponent root) {
        Ui.bind(root, "ESCAPE", () -> ui.desk().answers().stop());
        Ui.bind(root, "ctrl L", this::focusComposer);
        Ui.bind(root, "F6", this::focusComposer);
    }

    /** A model, a policy or scores that are dropped on the window are opened. */
    private TransferHandler dropping() {
        return new TransferHandler() {
            @Override
            public boolean canImport(TransferSupport support) {
                return support.isDataFlavorSupported(DataFlavor.javaFileListFlavor);
            }

            @Override
            public boolean importData(TransferSupport support) {
                try {
                    Object dropped = support.getTransferable().getTransferData(DataFlavor.javaFileListFlavor);
                    if (dropped instanceof List<?> list && !list.isEmpty() && list.get(0) instanceof File file) {
                        open(file.toPath());
                        return true;
                    }
                    return false;
                } catch (UnsupportedFlavorException | IOException e) {
                    notice(ui.text("drop.failed", e));
                    return false;
                }
            }
        };
    }

    /** Opens a file by what its name says it is. */
    void open(Path file) {
        String name = file.getFileName().toString().toLowerCase(Locale.ROOT);
        if (name.endsWith(".json")) {
            policies.open(file);
        } else if (name.endsWith(".jsonl")) {
            openScores(file);
        } else {
            models.open(file);
        }
    }

    private void openScores(Path file) {
        if (ui.desk().policies().isThere()) {
            ui.desk().scores().open(file);
        }
    }

    void openScores() {
        Path chosen = files.open(frame, ui.text("scores.load"), ui.text("scores.kind"), null, "jsonl");
        if (chosen != null) {
            openScores(chosen);
        }
    }

    private void place(Settings settings) {
        frame.setMinimumSize(new Dimension(SMALLEST_WIDTH, SMALLEST_HEIGHT));
        Rectangle bounds = new Rectangle(
                settings.integer("window.x", -1),
                settings.integer("window.y", -1),
                settings.integer("window.width", 1240),
                settings.integer("window.height", 800));
        GraphicsConfiguration screen = frame.getGraphicsConfiguration();
        Rectangle area = screen.getBounds();
        bounds.width = Math.max(SMALLEST_WIDTH, Math.min(bounds.width, area.width));
        bounds.height = Math.max(SMALLEST_HEIGHT, Math.min(bounds.height, area.height));
        frame.setSize(bounds.getSize());
        if (bounds.x < 0 || !area.intersects(bounds)) {
            frame.setLocationRelativeTo(null);
        } else {
            frame.setLocation(bounds.getLocation());
        }
        if (settings.bool("window.maximised", false)) {
            frame.setExtendedState(JFrame.MAXIMIZED_BOTH);
        }
        left.setDividerLocation(settings.integer("divider.left", LEFT));
        showPanel(settings.bool("panel", true));
    }

    private void remember() {
        Settings settings = ui.desk().settings();
        boolean maximised = (frame.getExtendedState() & JFrame.MAXIMIZED_BOTH) != 0;
        settings.set("window.maximised", maximised);
        if (!maximised) {
            settings.set("window.x", frame.getX());
            settings.set("window.y", frame.getY());
            settings.set("window.width", frame.getWidth());
            settings.set("window.height", frame.getHeight());
        }
        settings.set("divider.left", left.getDividerLocation());
        if (isPanelShown()) {
            settings.set("divider.right", right.getWidth() - right.getDividerLocation());
        }
        settings.set("panel", isPanelShown());
    }

    void show() {
        frame.setVisible(true);
        right.setDividerLocation(right.getWidth() - ui.desk().settings().integer("divider.right", RIGHT));
        focusComposer();
    }

    JFrame frame() {
        return frame;
    }

    boolean isPanelShown() {
        return right.getRightComponent() != null;
    }

    void showPanel(boolean shown) {
        if (shown != isPanelShown() && refusal != null) {
            right.setRightComponent(shown ? refusal.component() : null);
            right.setDividerLocation(right.getWidth() - RIGHT);
        }
    }

    boolean isDark() {
        return theme == Theme.DARK;
    }

    void toggleTheme() {
        theme = theme.other();
        ui.desk().settings().set("theme", theme.id());
        restyle();
    }

    /** Makes letters larger or smaller; 0 makes them as they were. */
    void zoom(int step) {
        Settings settings = ui.desk().settings();
        settings.set("zoom", step == 0 ? 0 : settings.integer("zoom", 0) + step);
        restyle();
    }

    /** Everything is made anew in the colours of the theme; what is being written stays. */
    private void restyle() {
        String draft = composer == null ? "" : composer.draft();
        boolean panel = isPanelShown();
        int atLeft = left.getDividerLocation();
        int atRight = right.getDividerLocation();
        ui.desk().settings().set("panel", panel);
        theme.use(ui.desk().settings().integer("zoom", 0));
        ui.desk().save();
        ui.forget();
        if (calibrate != null) {
            calibrate.window().dispose();
            calibrate = null;
        }
        if (server != null) {
            server.window().dispose();
            server = null;
        }
        frame.getContentPane().removeAll();
        build();
        if (!panel) {
            right.setRightComponent(null);
        }
        if (composer != null) {
            composer.setDraft(draft);
        }
        frame.revalidate();
        left.setDividerLocation(atLeft);
        right.setDividerLocation(atRight);
        frame.repaint();
        focusComposer();
    }

    private void focusComposer() {
        if (composer != null) {
            composer.focus();
        }
    }

    void focusSearch() {
        if (conversations != null) {
            conversations.focusSearch();
        }
    }

    @Nullable
    ConversationsPanel conversations() {
        return conversations;
    }

    void copyLast() {
        ChatTurn last = ui.desk().answers().last();
        if (last != null) {
            Ui.copy(last.text());
        }
    }

    void regenerate() {
        ChatTurn last = ui.desk().answers().last();
        if (last != null) {
            ui.desk().answers().regenerate(last);
        }
    }

    void answerAnyway() {
        ChatTurn last = ui.desk().answers().last();
        if (last != null && last.answer() != null && last.answer().refused()) {
            ui.desk().answers().answerAnyway(last);
        }
    }

    void editLast() {
        if (transcript != null) {
            transcript.editLast();
        }
    }

    void toggleNumbers() {
        if (transcript != null) {
            transcript.toggleNumbers();
        }
    }

    private CalibrateDialog dialog() {
        if (calibrate == null) {
            calibrate = new CalibrateDialog(ui, frame, files);
        }
        return calibrate;
    }

    void showCalibrate() {
        dialog().show();
    }

    void showServer() {
        if (server == null) {
            server = new ServerDialog(ui, frame);
        }
        server.show();
    }

    private void score() {
        dialog().score();
    }

    private void fit(Path model) {
        dialog().fit(model);
    }

    void showSettings() {
        new SettingsDialog(ui, frame).show();
    }

    void showKeys() {
        Asking.tell(ui, frame, "help.keys", ui.text("help.keys.text"));
    }

    void showAbout() {
        String version = MainWindow.class.getPackage().getImplementationVersion();
        Asking.tell(ui, frame, "help.about", ui.text("help.about.text", version == null ? "" : version));
    }

    void notice(String text) {
        Ui.tell(noticeText, text);
        noticeText.setForeground(UIManager.getColor("Demur.warning.foreground"));
        notice.setVisible(true);
        Component parent = notice.getParent();
        if (parent != null) {
            parent.revalidate();
        }
    }

    /** Closes the window, unless a person wants to keep a policy that was not saved. */
    void close() {
        if (policies.mayLose()) {
            remember();
            frame.dispose();
            closed.run();
        }
    }
}
