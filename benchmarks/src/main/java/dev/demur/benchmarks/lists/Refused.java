package dev.demur.benchmarks.lists;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Which rows of a list that should be answered are refused, and as what. */
final class Refused {

    private final Count refused = new Count();
    private final Map<String, Count> groups = Count.groups();
    private final Map<String, Count> as = Count.groups();
    private final List<String> which = new ArrayList<>();

    /**
     * Counts.
     *
     * @param group of a row, in the report
     * @param shown what is shown of a refused row's prompt
     */
    Refused(List<Row> rows, List<Verdict> verdicts, Function<Row, String> group, Function<Row, String> shown) {
        for (int i = 0; i < rows.size(); i++) {
            Row row = rows.get(i);
            Verdict verdict = verdicts.get(i);
            refused.add(verdict.refuses(), row.id());
            Count.in(groups, group.apply(row)).add(verdict.refuses(), row.id());
            Count.in(as, verdict.label()).add(verdict.refuses(), row.id());
            if (verdict.refuses()) {
                which.add(row.id() + " as " + verdict.label() + ": " + shown.apply(row));
            }
        }
    }

    /** Adds all of it, the groups and the categories under these names and words. */
    void report(Report report, String groupName, String groupWords, String asWords) {
        report.count("refused", "refused", refused);
        report.groups(groupName, groupWords, groups);
        report.tally("refusedAs", asWords, as);
        which.forEach(report::note);
    }
}
