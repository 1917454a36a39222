package dev.demur.desktop;

import dev.demur.DemurException;
import dev.demur.desktop.model.Policies;
import dev.demur.desktop.model.Problems;
import dev.demur.policy.Preset;
import java.awt.Component;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens and saves policies, and asks about what would be lost. */
final class PolicyActions {

    private final Ui ui;
    private final Component parent;
    private final FileChoice files;

    PolicyActions(Ui ui, Component parent, FileChoice files) {
        this.ui = ui;
        this.parent = parent;
        this.files = files;
    }

    private Policies policies() {
        return ui.desk().policies();
    }

    void open() {
        if (policies().isThere()) {
            Path chosen = files.open(
                    parent,
                    ui.text("policy.open"),
                    ui.text("policy.kind"),
                    folder(policies().recent()),
                    "json");
            if (chosen != null) {
                open(chosen);
            }
        }
    }

    private static @Nullable Path folder(List<Path> recent) {
        return recent.isEmpty() ? null : recent.get(0).toAbsolutePath().getParent();
    }

    void open(Path file) {
        if (!policies().isThere() || !mayLose()) {
            return;
        }
        try {
            policies().open(file);
        } catch (DemurException e) {
            Asking.tell(ui, parent, "policy.open.failed", Problems.text(e, ui.texts()));
            return;
        }
        List<String> warnings = policies().warnings();
        if (!warnings.isEmpty()) {
            Asking.tell(
                    ui,
                    parent,
                    "policy.other",
                    ui.text("policy.other.text", file.getFileName(), String.join(", ", warnings)));
        }
    }

    /** Saves to the policy's file; asks for one where it has none. Returns whether it was saved. */
    boolean save() {
        Path file = policies().file();
        return file == null ? saveAs() : write(file);
    }

    boolean saveAs() {
        if (!policies().isThere()) {
            return false;
        }
        Path there = policies().file();
        Path suggestion = there == null ? Path.of("policy.json") : there;
        Path chosen = files.save(parent, ui.text("policy.saveAs"), suggestion);
        if (chosen == null) {
            return false;
        }
        boolean asked = Files.exists(chosen) && !chosen.equals(there);
        if (asked
                && Asking.ask(
                                ui,
                                parent,
                                "policy.replace",
                                ui.text("policy.replace.text", chosen.getFileName()),
                                "policy.replace",
                                "cancel")
                        == 1) {
            return false;
        }
        return write(chosen);
    }

    private boolean write(Path file) {
        try {
            policies().save(file);
            ui.desk().save();
            return true;
        } catch (DemurException e) {
            Asking.tell(ui, parent, "policy.save.failed", Problems.text(e, ui.texts()));
            return false;
        }
    }

    void preset(Preset preset) {
        if (mayLose()) {
            policies().usePreset(preset);
        }
    }

    /** Whether the policy may be put away: nothing was changed, or a person said so or saved it. */
    boolean mayLose() {
        if (!policies().isChanged()) {
            return true;
        }
        int answer = Asking.ask(
                ui,
                parent,
                "policy.unsaved",
                ui.text("policy.unsaved.text"),
                "policy.save",
                "policy.discard",
                "cancel");
        return answer == 1 || answer == 0 && save();
    }
}
