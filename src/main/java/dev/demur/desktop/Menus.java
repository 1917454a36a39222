package dev.demur.desktop;

import dev.demur.desktop.model.Texts;
import dev.demur.policy.Preset;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import javax.swing.JCheckBoxMenuItem;
import javax.swing.JMenu;
import javax.swing.JMenuBar;
import javax.swing.JMenuItem;
import javax.swing.KeyStroke;
import javax.swing.event.MenuEvent;
import javax.swing.event.MenuListener;

/** The menus; everything that the window does can be reached from them, and so from the keyboard. */
final class Menus {

    private final Ui ui;
    private final MainWindow window;
    private final PolicyActions policies;
    private final ModelActions models;

    Menus(Ui ui, MainWindow window, PolicyActions policies, ModelActions models) {
        this.ui = ui;
        this.window = window;
        this.policies = policies;
        this.models = models;
    }

    JMenuBar bar() {
        JMenuBar bar = new JMenuBar();
        bar.add(file());
        bar.add(conversation());
        bar.add(policy());
        bar.add(view());
        bar.add(help());
        return bar;
    }

    private JMenu menu(String key) {
        JMenu menu = new JMenu();
        ui.dress(menu, key);
        return menu;
    }

    private JMenuItem item(String key, String stroke, Runnable task) {
        JMenuItem item = new JMenuItem();
        ui.dress(item, key);
        if (!stroke.isEmpty()) {
            item.setAccelerator(KeyStroke.getKeyStroke(stroke));
        }
        item.addActionListener(event -> task.run());
        return item;
    }

    private JMenu file() {
        JMenu menu = menu("menu.model");
        menu.add(item("model.open", "ctrl O", models::open));
        menu.add(recent("model.recent", () -> ui.desk().models().recent(), models::open));
        Path bundled = ui.desk().bundled();
        if (bundled != null) {
            menu.add(item("model.bundled", "", () -> models.open(bundled)));
        }
        menu.add(item("settings.open", "ctrl COMMA", window::showSettings));
        menu.addSeparator();
        menu.add(item("task.open", "ctrl K", window::showCalibrate));
        menu.add(item("scores.load", "", window::openScores));
        if (ui.desk().server().isThere()) {
            menu.addSeparator();
            menu.add(item("server.open", "ctrl shift L", window::showServer));
        }
        menu.addSeparator();
        menu.add(item("quit", "ctrl Q", window::close));
        return menu;
    }

    private JMenu conversation() {
        JMenu menu = menu("menu.conversation");
        menu.add(item("chat.new", "ctrl N", () -> ui.desk().chats().begin()));
        menu.add(item("chat.search", "ctrl F", window::focusSearch));
        menu.add(item("chat.rename", "", () -> {
            ConversationsPanel list = window.conversations();
            if (list != null) {
                list.rename();
            }
        }));
        menu.add(item("chat.delete", "", () -> {
            ConversationsPanel list = window.conversations();
            if (list != null) {
                list.delete();
            }
        }));
        menu.addSeparator();
        menu.add(item("stop", "", () -> ui.desk().answers().stop()));
        menu.add(item("answer.again", "ctrl R", window::regenerate));
        menu.add(item("answer.anyway", "ctrl shift A", window::answerAnyway));
        menu.add(item("numbers.show", "ctrl I", window::toggleNumbers));
        menu.add(item("message.edit", "alt UP", window::editLast));
        menu.add(item("answer.copy", "ctrl shift C", window::copyLast));
        return menu;
    }

    private JMenu policy() {
        JMenu menu = menu("menu.policy");
        menu.add(item("policy.open", "ctrl shift O", policies::open));
        menu.add(recent("policy.recent", () -> ui.desk().policies().recent(), policies::open));
        menu.add(item("policy.save", "ctrl S", policies::save));
        menu.add(item("policy.saveAs", "ctrl shift S", policies::saveAs));
        menu.add(item("policy.reset", "", () -> ui.desk().policies().reset()));
        JMenu presets = menu("policy.presets");
        onShow(presets, () -> {
            presets.removeAll();
            for (Preset preset : ui.desk().policies().presets()) {
                presets.add(item("preset." + preset.id(), "", () -> policies.preset(preset)));
            }
            if (presets.getItemCount() == 0) {
                JMenuItem none = item("policy.presets.none", "", () -> {});
                none.setEnabled(false);
                presets.add(none);
            }
        });
        menu.add(presets);
        return menu;
    }

    private JMenu view() {
        JMenu menu = menu("menu.view");
        JCheckBoxMenuItem panel = new JCheckBoxMenuItem();
        ui.dress(panel, "view.panel");
        panel.setAccelerator(KeyStroke.getKeyStroke("ctrl shift R"));
        panel.addActionListener(event -> window.showPanel(panel.isSelected()));
        JCheckBoxMenuItem dark = new JCheckBoxMenuItem();
        ui.dress(dark, "view.dark");
        dark.setAccelerator(KeyStroke.getKeyStroke("ctrl D"));
        dark.addActionListener(event -> window.toggleTheme());
        onShow(menu, () -> {
            panel.setSelected(window.isPanelShown());
            dark.setSelected(window.isDark());
        });
        panel.setSelected(true);
        menu.add(panel);
        menu.add(dark);
        menu.add(item("view.larger", "ctrl PLUS", () -> window.zoom(1)));
        menu.add(item("view.smaller", "ctrl MINUS", () -> window.zoom(-1)));
        menu.add(item("view.usual", "ctrl 0", () -> window.zoom(0)));
        JMenu languages = menu("view.language");
        for (String language : Texts.LANGUAGES) {
            languages.add(item("language." + language, "", () -> {
                ui.desk().settings().set("language", language);
                ui.desk().save();
                window.notice(ui.text("view.language.restart"));
            }));
        }
        menu.add(languages);
        return menu;
    }

    private JMenu help() {
        JMenu menu = menu("menu.help");
        menu.add(item("help.keys", "F1", window::showKeys));
        menu.add(item("help.about", "", window::showAbout));
        return menu;
    }

    private JMenu recent(String key, Supplier<List<Path>> paths, Consumer<Path> open) {
        JMenu menu = menu(key);
        onShow(menu, () -> {
            menu.removeAll();
            for (Path path : paths.get()) {
                JMenuItem item = Ui.data(new JMenuItem(path.getFileName().toString()));
                item.setToolTipText(path.toString());
                item.getAccessibleContext().setAccessibleName(path.toString());
                item.addActionListener(event -> open.accept(path));
                menu.add(item);
            }
            if (menu.getItemCount() == 0) {
                JMenuItem none = item("recent.none", "", () -> {});
                none.setEnabled(false);
                menu.add(none);
            }
        });
        return menu;
    }

    private static void onShow(JMenu menu, Runnable task) {
        menu.addMenuListener(new MenuListener() {
            @Override
            public void menuSelected(MenuEvent event) {
                task.run();
            }

            @Override
            public void menuDeselected(MenuEvent event) {}

            @Override
            public void menuCanceled(MenuEvent event) {}
        });
    }
}
