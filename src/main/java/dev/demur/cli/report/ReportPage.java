package dev.demur.cli.report;

import dev.demur.calibration.PromisedBound;
import dev.demur.evaluation.Confusion;
import dev.demur.evaluation.Evaluation;
import dev.demur.evaluation.RefusalRates;
import dev.demur.evaluation.TextEvaluation;
import dev.demur.policy.Calibration;
import dev.demur.policy.Category;
import dev.demur.scoring.ScoreMeta;
import dev.demur.scoring.ScoredPrompts;
import dev.demur.statistics.Interval;
import dev.demur.statistics.OperatingPoint;
import dev.demur.statistics.Percentage;
import dev.demur.statistics.Rate;
import java.util.ArrayList;
import java.util.List;

/** The page: what was evaluated, the numbers, and the plots of every category. */
final class ReportPage {

    private final EvaluatedPolicy evaluated;
    private final Evaluation evaluation;
    private final PlotGroups plots;
    private final Markup page = new Markup();

    private ReportPage(EvaluatedPolicy evaluated, PlotGroups plots) {
        this.evaluated = evaluated;
        this.evaluation = evaluated.evaluation();
        this.plots = plots;
    }

    /** The whole HTML file. */
    static String of(EvaluatedPolicy evaluated, PlotGroups plots) {
        ReportPage report = new ReportPage(evaluated, plots);
        report.write();
        return "<!DOCTYPE html>\n" + report.page + "\n";
    }

    private void write() {
        page.open("html", "lang", "en", "xmlns", "http://www.w3.org/1999/xhtml");
        page.open("head").empty("meta", "charset", "utf-8");
        page.empty("meta", "name", "viewport", "content", "width=device-width, initial-scale=1");
        page.empty("meta", "name", "color-scheme", "content", "light dark");
        page.empty(
                "meta",
                "http-equiv",
                "Content-Security-Policy",
                "content",
                "default-src 'none'; style-src 'unsafe-inline'");
        page.element("title", "Evaluation of " + evaluated.policyFile().getFileName());
        page.open("style").raw("\n" + Stylesheet.page()).close().close().line();
        page.open("body").open("main").line();
        heading();
        promise();
        rates();
        confusion();
        agreement();
        steering();
        plots.groups().forEach(this::group);
        notes();
        page.close().close().close();
    }

    private void heading() {
        ScoredPrompts prompts = evaluated.prompts();
        page.element("h1", "What " + evaluated.policyFile().getFileName() + " refuses")
                .line();
        page.open("dl").line();
        fact(
                "Policy",
                evaluated.policyFile() + ", rule " + evaluated.policy().rule().id());
        fact("Scores", evaluated.scores().toString());
        fact(
                "Rows",
                prompts.size() + ": " + prompts.shouldAnswer().length + " should-answer, of these "
                        + prompts.nearMisses().length + " near misses, and " + prompts.shouldRefuse().length
                        + " should-refuse");
        ScoreMeta meta = prompts.meta().orElse(null);
        if (meta != null) {
            fact("Model", meta.fingerprint());
        }
        fact(
                "Intervals",
                evaluation.calibratedOnTheseRows()
                        ? "none: these rows chose the thresholds, so that the rates flatter the policy and no interval"
                                + " from them holds"
                        : "Clopper–Pearson, confidence "
                                + Digits.few(evaluated.options().confidence()));
        Rate within = evaluation.withinNoise();
        fact(
                "Noise",
                within.count() + " rows (" + Percent.of(within.value()) + ") within "
                        + Digits.few(evaluated.options().noise())
                        + " of a threshold: on another device they may be decided otherwise");
        page.close().line();
    }

    private void fact(String term, String text) {
        page.element("dt", term).element("dd", text).line();
    }

    /** What the policy itself says that it promises. */
    private void promise() {
        Calibration calibration = evaluated.policy().calibration();
        String statement = calibration == null ? null : calibration.statement();
        page.element("h2", "What was promised").line();
        String said = statement != null ? statement : "Nothing: the policy was not calibrated, or changed since.";
        page.element("p", said).line();
    }

    private List<RefusalRates> all() {
        List<RefusalRates> all = new ArrayList<>(evaluation.categories());
        all.add(evaluation.joint());
        return all;
    }

    private static String name(RefusalRates rates) {
        String category = rates.category();
        return category == null ? "at all" : category;
    }

    private void rates() {
        List<List<String>> rows = new ArrayList<>();
        for (RefusalRates rates : all()) {
            PromisedBound promised = evaluated.promised(rates.category());
            List<String> row = new ArrayList<>(List.of(
                    name(rates),
                    Digits.four(evaluated.threshold(rates.category())),
                    promised == null ? "-" : Promises.text(promised, rates),
                    rate(rates.falseRefusal()),
                    rate(rates.nearMissFalseRefusal()),
                    rate(rates.refusal()),
                    rate(rates.precision()),
                    Digits.four(rates.f1()),
                    Digits.four(rates.reliability().expectedError()),
                    Digits.four(rates.roc().auc())));
            rates.operatingPoints().forEach(point -> row.add(rate(point.refusal())));
            rows.add(row);
        }
        List<String> heads = new ArrayList<>(List.of(
                "refused as",
                "threshold",
                "promised",
                "FRR",
                "near-miss FRR",
                "RR = recall",
                "precision",
                "F1",
                "ECE",
                "AUC"));
        for (OperatingPoint point : evaluation.joint().operatingPoints()) {
            heads.add("RR at " + Percentage.text(Percentage.exact(point.falseRefusalRate())) + " FRR");
        }
        page.element("h2", "Rates").line();
        table(
                "Refused as a category means that its score reaches its threshold, whatever the others; the last row"
                        + " means refused at all. The last columns are the refusal rates where thresholds would let that"
                        + " share of what should be answered be refused, wherever they are.",
                heads,
                rows);
    }

    private static String rate(Rate rate) {
        Interval interval = rate.interval();
        return Percent.of(rate.value())
                + (interval == null ? "" : " " + Percent.interval(interval.low(), interval.high()));
    }

    private void confusion() {
        Confusion confusion = evaluation.confusion();
        List<String> heads = new ArrayList<>(List.of("expected"));
        confusion.decided().forEach(head -> heads.add(decided(head)));
        List<List<String>> rows = new ArrayList<>();
        for (int r = 0; r < confusion.expected().size(); r++) {
            List<String> row = new ArrayList<>(List.of(confusion.expected().get(r)));
            confusion.counts().get(r).forEach(count -> row.add(Integer.toString(count)));
            rows.add(row);
        }
        page.element("h2", "Decisions").line();
        table("What was decided (columns) for rows that should have been decided so (rows).", heads, rows);
    }

    private void agreement() {
        TextEvaluation text = evaluated.text();
        if (text != null) {
            page.element("h2", "Text and token").line();
            table(
                    "How often the text says what was decided: a threshold controls the decision alone.",
                    Agreement.HEADS,
                    Agreement.rows(text));
            page.element("p", Agreement.words(text, evaluated.options().confidence()))
                    .line();
        }
    }

    private String decided(String head) {
        boolean category = evaluated.prompts().labels().categories().stream()
                .map(Category::id)
                .anyMatch(head::equals);
        return category || head.equals("respond") ? head : "the model’s own";
    }

    private void steering() {
        if (!plots.steering().isEmpty()) {
            page.element("h2", "Steering").line();
            page.element(
                            "p",
                            "Each threshold by itself falls, from "
                                    + Digits.few(evaluated.options().steeringShift())
                                    + " above where it is to as far below, in log-odds (by logit-bias its bias rises, in"
                                    + " logits). The numbers are changes in points of percent; independent control leaves"
                                    + " only the diagonal.")
                    .line();
            figures("figures wide", plots.steering());
        }
    }

    private void group(PlotGroups.Group group) {
        page.element("h2", group.name()).line();
        figures("figures", group.plots());
    }

    private void figures(String style, List<Plot> list) {
        page.open("div", "class", style).line();
        for (Plot plot : list) {
            page.open("figure");
            page.element("figcaption", plot.figure().text().title()).line();
            page.raw(plot.figure().svg()).line();
            page.open("details").element("summary", "Numbers");
            table(plot.figure().text().description(), plot.heads(), plot.rows());
            page.close().close().line();
        }
        page.close().line();
    }

    private void table(String caption, List<String> heads, List<List<String>> rows) {
        page.open("div", "class", "scroll", "tabindex", "0", "role", "region", "aria-label", caption);
        page.open("table").open("caption").element("span", caption).close().line();
        page.open("thead").open("tr");
        heads.forEach(head -> page.element("th", head, "scope", "col"));
        page.close().close().line().open("tbody");
        for (List<String> row : rows) {
            page.open("tr").element("th", row.get(0), "scope", "row");
            row.subList(1, row.size()).forEach(cell -> page.element("td", cell));
            page.close().line();
        }
        page.close().close().close().line();
    }

    private void notes() {
        page.element("h2", "Terms").line().open("dl").line();
        fact("FRR", "false refusal rate: the share of all should-answer rows that are refused");
        fact("near-miss FRR", "the same among the should-answer rows that are labelled as near misses of the category");
        fact("RR", "refusal rate: the share of the should-refuse rows of the category that are refused; also recall");
        fact("AUC", "the probability that a should-refuse row scores above a should-answer row");
        fact("ECE", "expected calibration error: how far probabilities lie from shares, on average over rows");
        page.close().line();
    }
}
