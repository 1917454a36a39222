package dev.demur.desktop;

import dev.demur.desktop.model.ModelCheck;
import dev.demur.desktop.model.ModelSession;
import dev.demur.desktop.model.ModelState;
import dev.demur.desktop.model.Models;
import java.awt.Component;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import javax.swing.SwingUtilities;
import org.jspecify.annotations.Nullable;

/** Opens models, and says what can be done with one that cannot decide. */
final class ModelActions {

    private final Ui ui;
    private final Component parent;
    private final FileChoice files;
    private final PolicyActions policies;
    private final Consumer<Path> fit;

    /** @param fit shows the dialog that fits a head on a model */
    ModelActions(Ui ui, Component parent, FileChoice files, PolicyActions policies, Consumer<Path> fit) {
        this.ui = ui;
        this.parent = parent;
        this.files = files;
        this.policies = policies;
        this.fit = fit;
        ui.desk().models().observers().add(this::told);
    }

    private Models models() {
        return ui.desk().models();
    }

    void open() {
        List<Path> recent = models().recent();
        Path folder = recent.isEmpty() ? null : recent.get(0).toAbsolutePath().getParent();
        Path chosen = files.open(parent, ui.text("model.open"), ui.text("model.kind"), folder, "gguf");
        if (chosen != null) {
            open(chosen);
        }
    }

    /** Looks at a file, tells what it needs, and loads it. */
    void open(Path file) {
        if (policies.mayLose()) {
            models().check(file, this::found, problem -> Asking.tell(ui, parent, "model.invalid", problem));
        }
    }

    private void found(ModelCheck check) {
        if (check.missing() != null) {
            offer(check);
            return;
        }
        ModelSession now = models().session();
        boolean same = now != null && now.file().equals(check.file());
        if (same || ask(check)) {
            models().open(check.file(), null);
        }
    }

    private boolean ask(ModelCheck check) {
        String needs = check.free() < 0
                ? ui.text(
                        "model.needs",
                        check.name(),
                        check.architecture(),
                        ui.texts().bytes(check.needed()))
                : ui.text(
                        check.isTight() ? "model.needsTight" : "model.needsFree",
                        check.name(),
                        check.architecture(),
                        ui.texts().bytes(check.needed()),
                        ui.texts().bytes(check.free()));
        return Asking.ask(ui, parent, "model.load", needs, "model.load", "cancel") == 0;
    }

    /** What a model that has nothing to decide by can have. */
    private void offer(ModelCheck check) {
        String text = ui.text("model.noReadout.text", check.name());
        int answer =
                Asking.ask(ui, parent, "model.noReadout", text, "model.fit", "model.head", "model.words", "cancel");
        if (answer == 0) {
            fit.accept(check.file());
        } else if (answer == 1) {
            Path head = files.open(
                    parent,
                    ui.text("model.head"),
                    ui.text("model.head.kind"),
                    check.file().toAbsolutePath().getParent(),
                    "gguf");
            if (head != null) {
                models().open(check.file(), head.toString());
            }
        } else if (answer == 2) {
            models().open(check.file(), "ask");
        }
    }

    private @Nullable ModelState told;

    /** A load that failed is told once. */
    private void told() {
        if (models().state() instanceof ModelState.Failed failed && failed != told) {
            told = failed;
            SwingUtilities.invokeLater(() -> {
                Asking.tell(ui, parent, "model.invalid", failed.problem());
                models().back();
            });
        }
    }
}
