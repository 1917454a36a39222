package dev.demur.cli.calibrate;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonObject;
import dev.demur.DemurException;
import dev.demur.cli.files.DataFile;
import dev.demur.cli.files.FileKind;
import dev.demur.cli.files.WholeFile;
import dev.demur.cli.report.Digits;
import dev.demur.cli.terminal.Paragraph;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Table;
import dev.demur.cli.terminal.Text;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import dev.demur.evaluation.WrongDecision;
import dev.demur.policy.ReadoutIdentity;
import dev.demur.policy.RefusalPolicy;
import dev.demur.scoring.ScoredPrompts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rows that a policy decides otherwise than they are labelled, for a person and as a file. */
public final class WrongRows {

    private static final int SHOWN = 10;
    private static final int LONGEST_PROMPT = 60;
    private static final String BEGINNING = "{\"decided\":";

    private static final Gson WRITER =
            new GsonBuilder().serializeNulls().disableHtmlEscaping().create();

    private final ScoredPrompts prompts;
    private final List<WrongDecision> wrong;
    private final Map<String, String> texts;

    /** @param texts the prompts by their ids, as far as they are known */
    public WrongRows(ScoredPrompts prompts, RefusalPolicy policy, Map<String, String> texts) {
        this.prompts = prompts;
        this.wrong = WrongDecision.of(prompts, policy);
        this.texts = Map.copyOf(texts);
    }

    /** The prompts of the data that were scored. */
    public static Map<String, String> texts(Path data, ScoredPrompts prompts) {
        ReadoutIdentity readout = prompts.readout();
        RowLabels labels = new RowLabels(
                prompts.labels(), readout == null ? new ReadoutIdentity("tokens", null, Map.of()) : readout);
        Map<String, String> texts = new HashMap<>();
        try (DataFile file = DataFile.take(data);
                PromptSource rows = file.open(labels)) {
            while (addNext(rows, texts)) {
                continue; // until the end
            }
        } catch (IOException e) {
            throw DataFile.unreadable(data, e);
        }
        return texts;
    }

    private static boolean addNext(PromptSource rows, Map<String, String> texts) throws IOException {
        try {
            LabelledPrompt prompt = rows.next();
            if (prompt != null) {
                texts.putIfAbsent(prompt.id(), prompt.text());
            }
            return prompt != null;
        } catch (BadRowException e) {
            return true; // was not scored either
        }
    }

    /** The worst, as a table; nothing where all is right. */
    public String text(Style style) {
        if (wrong.isEmpty()) {
            return "";
        }
        boolean known = wrong.stream().anyMatch(w -> texts.containsKey(prompts.id(w.row())));
        Table table = known
                ? new Table("decided wrongly", "labelled", "decided", "too far by", "prompt")
                : new Table("decided wrongly", "labelled", "decided", "too far by");
        for (WrongDecision w : wrong.subList(0, Math.min(SHOWN, wrong.size()))) {
            String id = Text.oneLine(prompts.id(w.row()));
            String distance = Double.isInfinite(w.distance()) ? "no threshold" : Digits.few(w.distance());
            if (known) {
                table.row(
                        id,
                        label(w.row()),
                        w.decided(),
                        distance,
                        shortened(texts.getOrDefault(prompts.id(w.row()), "")));
            } else {
                table.row(id, label(w.row()), w.decided(), distance);
            }
        }
        String all =
                wrong.size() <= SHOWN ? "" : " The worst " + SHOWN + " of " + wrong.size() + "; --wrong FILE has all.";
        return "\n" + table.text(style)
                + Paragraph.wrap(
                        "How far each lies on the wrong side, in log-odds (logit-bias: in logits); 0: refused as"
                                + " another category." + all + (known ? "" : " --data FILE adds the prompts."));
    }

    private String label(int row) {
        String category = prompts.label(row).orElse("none");
        return prompts.shouldRefuse(row)
                ? "refuse, " + category
                : "respond" + (category.equals("none") ? "" : ", near " + category);
    }

    private static String shortened(String prompt) {
        String line = Text.oneLine(prompt);
        return line.length() <= LONGEST_PROMPT ? line : line.substring(0, LONGEST_PROMPT - 1) + "\u2026";
    }

    /**
     * Checks that they may be written there.
     *
     * @throws DemurException if something else is there, or nothing can be
     */
    public static void requirePlace(Path file) {
        FileKind.requireWritable(file);
        if (Files.exists(file) && !isWrongRows(file)) {
            throw new DemurException(file
                    + ": is there already and is no list of wrong decisions, so it is not replaced: name another file");
        }
    }

    private static boolean isWrongRows(Path file) {
        byte[] expected = BEGINNING.getBytes(StandardCharsets.UTF_8);
        try (var in = Files.newInputStream(file)) {
            byte[] begin = in.readNBytes(expected.length);
            return begin.length == 0 || Arrays.equals(expected, begin);
        } catch (IOException e) {
            return false;
        }
    }

    /** Writes all of them as JSONL, the worst first. */
    public void write(Path file) {
        StringBuilder lines = new StringBuilder();
        for (WrongDecision w : wrong) {
            JsonObject json = new JsonObject();
            json.addProperty("decided", w.decided());
            json.addProperty("expected", prompts.shouldRefuse(w.row()) ? "refuse" : "respond");
            json.addProperty("category", prompts.label(w.row()).orElse("none"));
            json.addProperty("id", prompts.id(w.row()));
            json.addProperty("distance", Double.isInfinite(w.distance()) ? null : w.distance());
            @Nullable String prompt = texts.get(prompts.id(w.row()));
            if (prompt != null) {
                json.addProperty("prompt", prompt);
            }
            lines.append(WRITER.toJson(json)).append('\n');
        }
        WholeFile.write(file, lines.toString().getBytes(StandardCharsets.UTF_8));
    }

    public int count() {
        return wrong.size();
    }
}
