package dev.demur.cli.doctor;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import dev.demur.cli.terminal.Text;
import dev.demur.policy.Category;
import dev.demur.readout.words.internal.FrameSpec;
import java.util.List;

/** What {@code inspect} shows of the frame that a model is to be asked by. */
public final class FrameLines {

    private FrameLines() {}

    public static void add(Findings facts, FrameSpec frame) {
        List<String> categories =
                frame.labels().categories().stream().map(Category::id).toList();
        String asks = asks(frame);
        facts.line(
                "Frame",
                Text.oneLine(frame.name()) + ": decides between " + Text.oneLine(String.join(", ", categories))
                        + " and respond");
        facts.line("", "asks by " + asks + (frame.each().isEmpty() ? "" : ", once for each category"));
        facts.line(
                "",
                (frame.begins().isEmpty()
                                ? "reads where the answer begins"
                                : "reads behind \"" + Text.oneLine(frame.begins()) + "\"")
                        + ", probabilities " + (frame.amongLabels() ? "among the labels" : "of the whole vocabulary"));
        JsonObject json = new JsonObject();
        json.addProperty("name", frame.name());
        json.addProperty("checksum", frame.checksum());
        json.addProperty("asks", asks);
        json.addProperty("begins", frame.begins());
        JsonArray ids = new JsonArray();
        categories.forEach(ids::add);
        json.add("categories", ids);
        facts.field("frame", json);
    }

    private static String asks(FrameSpec frame) {
        if (frame.usesModelTemplate()) {
            return "the model's own chat template";
        }
        return frame.needsTemplate() ? "messages of its own" : "a text of its own";
    }
}
