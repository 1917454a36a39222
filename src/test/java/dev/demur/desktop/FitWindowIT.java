package dev.demur.desktop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.demur.desktop.model.TaskState;
import dev.demur.gguf.MicroLlama;
import java.io.IOException;
import java.nio.file.Path;
import javax.swing.JDialog;
import javax.swing.JRadioButton;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A head is fitted in the dialog, looked at and applied. */
class FitWindowIT {

    @TempDir
    Path temp;

    @BeforeEach
    void needsADisplay() {
        Driving.requireDisplay();
    }

    @Test
    void a_head_is_fitted_with_its_roc_plots_and_decides_once_it_is_applied() throws IOException {
        // The starter prompts are fitted on besides: thousands, which a model of a few thousand weights reads soon.
        Path model = MicroLlama.bytePair(1).write(temp.resolve("model.gguf"));
        try (OpenWindow open = OpenWindow.in(temp).model(model).ready()) {
            Driving.run(open.window::showCalibrate);
            JDialog dialog = Driving.dialog();
            open.chosen.add(Path.of("examples/prompts.jsonl"));
            Driving.click(dialog, "task.choose");
            Driving.run(
                    () -> Driving.find(dialog, JRadioButton.class, "task.fit").doClick());
            Driving.click(dialog, "task.start");
            Driving.await("the fit", () -> !open.desk.calibrations().isRunning());
            TaskState state = Driving.onEdt(() -> open.desk.calibrations().state());
            assertTrue(state instanceof TaskState.Fitted, state.toString());
            long plots = Driving.onEdt(() -> Driving.all(dialog).stream()
                    .filter(RocPlot.class::isInstance)
                    .count());
            assertTrue(plots > 1, plots + " plots");
            Driving.screenshot(dialog, Path.of("target/desktop/fit.png"));
            Driving.click(dialog, "task.apply");
            Driving.await(
                    "the model with its head",
                    () -> open.desk.models().session() != null
                            && "head"
                                    .equals(open.desk
                                            .models()
                                            .session()
                                            .readout()
                                            .kind()));
            assertEquals(model, Driving.onEdt(() -> open.desk.models().session().file()));
        }
    }
}
