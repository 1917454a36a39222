package dev.demur.cli.report;

import dev.demur.evaluation.RefusalDetector;
import dev.demur.evaluation.TextAgreement;
import dev.demur.evaluation.TextEvaluation;
import dev.demur.statistics.Interval;
import dev.demur.statistics.Rate;
import java.util.ArrayList;
import java.util.List;

/** How often the text agrees with the token, as a table and in words; the same for a terminal and for the page. */
public final class Agreement {

    /** The names of the columns. */
    public static final List<String> HEADS = List.of("token", "refusing", "answering", "empty", "fixed reply", "agree");

    private Agreement() {}

    /** A row for each decision that was made, and one for all. */
    public static List<List<String>> rows(TextEvaluation text) {
        List<List<String>> rows = new ArrayList<>();
        for (TextAgreement one : text.decisions()) {
            if (one.rows() > 0) {
                rows.add(List.of(
                        one.decided(),
                        Integer.toString(one.refusing()),
                        Integer.toString(one.answering()),
                        Integer.toString(one.empty()),
                        Integer.toString(one.fixed()),
                        rate(one.agreement())));
            }
        }
        rows.add(List.of("all", "", "", "", "", rate(text.agreement())));
        return rows;
    }

    private static String rate(Rate rate) {
        Interval interval = rate.interval();
        return Percent.of(rate.value())
                + (interval == null ? "" : " " + Percent.interval(interval.low(), interval.high()));
    }

    /** What was judged, and how good the judge is. */
    public static String words(TextEvaluation text, double confidence) {
        Rate precision = RefusalDetector.QUALITY.precision(confidence);
        Rate recall = RefusalDetector.QUALITY.recall(confidence);
        return "Replies to " + text.generated() + " prompts, of at most " + text.maxTokens()
                + " tokens each, judged by rules over their words. Of "
                + RefusalDetector.QUALITY.replies() + " replies that were labelled by hand, a small model's and ones"
                + " written in the manner of larger ones, " + rate(precision)
                + " of what the rules call a refusal was one (precision), and they found " + rate(recall)
                + " of the refusals (recall)."
                + (text.decidedOtherwise() == 0
                        ? ""
                        : " Of the prompts, " + text.decidedOtherwise()
                                + " were decided otherwise than by their scores.");
    }
}
