package dev.demur.cli.calibrate;

import dev.demur.cli.files.FileKind;
import dev.demur.cli.report.Percent;
import dev.demur.cli.terminal.Decimal;
import dev.demur.cli.terminal.Paragraph;
import dev.demur.cli.terminal.Style;
import dev.demur.cli.terminal.Table;
import dev.demur.cli.terminal.Text;
import dev.demur.fit.FitData;
import dev.demur.fit.FitResult;
import dev.demur.fit.FormFlips;
import dev.demur.fit.Separation;
import dev.demur.policy.CategoryPolicy;
import dev.demur.readout.HeadFile;
import dev.demur.statistics.Rate;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** What {@code fit} prints in the end. */
public final class FitText {

    private static final double THOUSAND = 1e3;

    private final FitResult result;
    private final FitData data;

    public FitText(FitResult result, FitData data) {
        this.result = result;
        this.data = data;
    }

    /**
     * The text.
     *
     * @param out the head's file
     * @param replaces whether another head was there
     * @param embedded the model with the head inside; null: none
     * @param style of the terminal
     */
    public String of(Path model, Path out, boolean replaces, @Nullable Path embedded, Style style) {
        StringBuilder text = new StringBuilder();
        text.append("Fitted on ").append(result.prompts()).append(" prompts: ").append(result.recipe());
        text.append(".\n");
        String left = leftOut();
        if (!left.isEmpty()) {
            text.append(Paragraph.wrap(left));
        }
        text.append('\n').append(quality().text(style)).append('\n');
        Table thresholds = new Table("category", "threshold of the policy");
        for (CategoryPolicy category : result.policy().policy().categories()) {
            Double threshold = category.threshold();
            thresholds.row(
                    category.id(),
                    threshold == null ? "none" : Decimal.probability(threshold).strip());
        }
        text.append(thresholds.text(style)).append('\n');
        text.append(Paragraph.wrap(result.policy().statement() + " " + proviso()));
        text.append(Paragraph.wrap("In cross-validation the policy refuses "
                + of(result.evaluation().joint().refusal(), "prompts that should be refused") + ", and "
                + of(result.ordinary(), "that should be answered and are no near misses") + "."));
        String forms = forms();
        if (!forms.isEmpty()) {
            text.append(Paragraph.wrap(forms));
        }
        text.append("\nWrote ").append(Text.oneLine(out.toString()));
        if (replaces) {
            text.append(" (in place of the head that was there)");
        }
        if (embedded != null) {
            text.append(" and ").append(Text.oneLine(embedded.toString()));
        }
        text.append("\nNext: demur ask --model ").append(Text.oneLine(model.toString()));
        if (!FileKind.isSame(out, HeadFile.beside(model))) {
            text.append(" --readout ").append(Text.oneLine(out.toString()));
        }
        return text.append(" \"How do I kill a Python process?\"\n").toString();
    }

    /** What the policy's statement does not say, because it does not know that the scores are cross-fitted. */
    private String proviso() {
        if (!result.policy().promises()) {
            return "So the thresholds are 0.5. demur calibrate on more prompts, which the head was not fitted on, makes a"
                    + " promise.";
        }
        return "That is a promise of cross-validation: it is about prompts like these, drawn as these were, and rests on"
                + " scores by heads that did not see them. It is not about prompts of other sources. demur calibrate on"
                + " prompts that the head was not fitted on makes a promise without that proviso.";
    }

    private String leftOut() {
        StringBuilder text = new StringBuilder();
        if (data.size() > result.prompts() + result.unreadable()) {
            text.append(data.size() - result.prompts() - result.unreadable())
                    .append(
                            " prompts were left out, because there are more than --rows; of each source, category and label the"
                                    + " same number at most was taken. ");
        }
        if (data.repeated() > 0) {
            text.append(data.repeated()).append(" rows repeat a prompt and were left out. ");
        }
        if (data.contradicting() > 0) {
            text.append(data.contradicting())
                    .append(" rows label a prompt otherwise than an earlier row and were left out. ");
        }
        if (result.unreadable() > 0) {
            text.append(result.unreadable()).append(" prompts could not be read and were left out. ");
        }
        return text.toString().strip();
    }

    private Table quality() {
        Table table = new Table("prompts that the head did not see", "AUC", "refused at 1 %", "at 5 % false refusals");
        if (result.bySource()) {
            row(table, "of sources that it did not see", result.leftOut());
            row(table, "of sources that it saw", result.alike());
        } else {
            row(table, "and no near-duplicates of them", result.alike());
        }
        return table;
    }

    private static void row(Table table, String name, Separation separation) {
        table.row(
                name,
                Double.toString(Math.round(THOUSAND * separation.auc()) / THOUSAND),
                share(separation.atOnePercent()),
                share(separation.atFivePercent()));
    }

    private static String of(Rate rate, String which) {
        return rate.rows() == 0
                ? "none"
                : rate.count() + " of the " + rate.rows() + " " + which + " (" + Percent.of(rate.value()) + ")";
    }

    private static String share(double share) {
        return Double.isNaN(share) ? "none" : Percent.of(share);
    }

    private String forms() {
        StringBuilder text = new StringBuilder();
        for (FormFlips form : result.flips()) {
            text.append(text.isEmpty() ? "Decisions that a harmless form of the prompt changes: " : ", ")
                    .append(form.form().words())
                    .append(' ')
                    .append(form.flips())
                    .append(" of ")
                    .append(form.prompts());
        }
        return text.isEmpty() ? "" : text.append('.').toString();
    }
}
