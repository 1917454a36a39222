package dev.demur.cli.calibrate;

import dev.demur.DemurException;
import dev.demur.cli.files.DataFile;
import dev.demur.cli.options.Warning;
import dev.demur.cli.terminal.Terminal;
import dev.demur.cli.terminal.Text;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.LabelledPrompt;
import dev.demur.dataset.PromptSource;
import dev.demur.dataset.RowLabels;
import dev.demur.fit.FitData;
import dev.demur.fit.StarterPrompts;
import dev.demur.policy.Labels;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Reads what a head is to be fitted on, and tells a person what that is.
 *
 * @param allowed what may be wrong with a file as a whole
 * @param strict whether a bad row is an error
 */
record FitPrompts(DataFile.Allowed allowed, boolean strict, Terminal terminal) {

    /**
     * The rows of these files, and the prompts that come with Demur beside few of them.
     *
     * @param starter whether those may be added
     * @throws DemurException if a file cannot be read, has no row, or has what is not allowed
     */
    FitData read(List<Path> files, boolean starter) {
        FitData data = new FitData();
        for (Path path : files) {
            try (DataFile file = DataFile.take(path)) {
                RowLabels labels = StarterPrompts.rowLabels();
                long rows = file.check(labels, FitData.knownLabels(), allowed).rows();
                add(file, rows, labels, data);
            }
        }
        if (starter && data.size() < StarterPrompts.ENOUGH_ROWS) {
            addStarter(data);
        }
        terminal.error(described(data.counts()));
        return data;
    }

    private void addStarter(FitData data) {
        int own = data.size();
        try {
            StarterPrompts.addTo(data);
        } catch (IOException e) {
            throw new DemurException(
                    e.getMessage() + ": give " + FitCommand.DATA + " examples/starter.jsonl of the repository", e);
        }
        terminal.error("taking " + (data.size() - own) + " prompts that come with Demur"
                + (own == 0 ? "" : " beside the " + own + " given") + "; " + FitCommand.NO_STARTER
                + " leaves them out");
    }

    private void add(DataFile file, long rows, RowLabels labels, FitData data) {
        String name = String.valueOf(file.path().getFileName());
        BadRows bad = BadRows.of(file.path(), strict, terminal);
        boolean refuses = false;
        boolean names = false;
        try (PromptSource prompts = file.open(labels)) {
            boolean more = true;
            while (more) {
                try {
                    LabelledPrompt prompt = prompts.next();
                    more = prompt != null;
                    if (prompt != null) {
                        data.add(prompt.source() == null ? prompt.withSource(name) : prompt);
                        refuses |= prompt.shouldRefuse();
                        names |= prompt.category() != null;
                    }
                } catch (BadRowException e) {
                    bad.warn(e.line(), String.valueOf(e.getMessage()));
                }
            }
        } catch (IOException e) {
            throw DataFile.unreadable(file.path(), e);
        }
        if (bad.count() > 0) {
            Warning.show(
                    terminal, file.path() + ": " + bad.count() + " of its " + rows + " rows are left out as bad ones");
        }
        if (refuses && !names) {
            Warning.show(
                    terminal,
                    file.path() + ": no row has a \"category\", so all that should be refused become the one category "
                            + FitData.UNNAMED_ID);
        }
    }

    /** As {@code 4141 prompts: 2,073 to be answered; to be refused: safety 400, unsupported 390}. */
    private static String described(Map<String, Integer> counts) {
        int all = counts.values().stream().mapToInt(Integer::intValue).sum();
        String refused = counts.entrySet().stream()
                .filter(count -> !count.getKey().equals(Labels.RESPOND))
                .map(count -> Text.oneLine(count.getKey()) + " " + count.getValue())
                .collect(Collectors.joining(", "));
        return all + " prompts: " + counts.getOrDefault(Labels.RESPOND, 0) + " to be answered; to be refused: "
                + (refused.isEmpty() ? "none" : refused);
    }
}
