package dev.demur.cli.report;

import dev.demur.evaluation.RefusalRates;
import dev.demur.evaluation.Steering;
import dev.demur.policy.Category;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * All plots of a report.
 *
 * @param groups of each category, and of being refused at all
 * @param steering empty where no threshold can be moved
 */
record PlotGroups(List<Group> groups, List<Plot> steering) {

    private static final String UNFIT_FOR_A_FILE_NAME = "[^A-Za-z0-9_-]";

    /** Plots that belong together. */
    record Group(String name, List<Plot> plots) {}

    PlotGroups {
        groups = List.copyOf(groups);
        steering = List.copyOf(steering);
    }

    static PlotGroups of(EvaluatedPolicy evaluated) {
        List<Group> groups = new ArrayList<>();
        groups.add(group(
                evaluated, evaluated.evaluation().joint(), RateScores.jointly(evaluated), "joint", "Refused at all"));
        int number = 0;
        for (RefusalRates rates : evaluated.evaluation().categories()) {
            Category category = evaluated.prompts().labels().categories().get(number++);
            groups.add(group(
                    evaluated,
                    rates,
                    RateScores.of(evaluated, category.id()),
                    number + "-" + category.id().replaceAll(UNFIT_FOR_A_FILE_NAME, "_"),
                    category.name()));
        }
        Steering matrix = evaluated.evaluation().steering();
        List<Plot> steering = matrix == null || matrix.moves().isEmpty() ? List.of() : SteeringPlots.of(matrix);
        return new PlotGroups(groups, steering);
    }

    private static Group group(
            EvaluatedPolicy evaluated, RefusalRates rates, RateScores scores, String id, String name) {
        RatePlots plots = new RatePlots(rates, evaluated.promised(rates.category()), id, name);
        return new Group(name, List.of(plots.roc(), plots.rates(scores), plots.reliability()));
    }

    /** All of them, one after the other. */
    List<Figure> figures() {
        return Stream.concat(steering.stream(), groups.stream().flatMap(group -> group.plots().stream()))
                .map(Plot::figure)
                .toList();
    }
}
