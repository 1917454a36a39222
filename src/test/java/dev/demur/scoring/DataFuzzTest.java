package dev.demur.scoring;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.JsonlPrompts;
import dev.demur.dataset.RowLabels;
import dev.demur.policy.PaperTokens;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Data sets and scores of any bytes. */
class DataFuzzTest {

    /** Names the categories, as no meta file stands beside the scores. */
    private static final RefusalPolicy POLICY = PaperTokens.defaults(PaperTokens.CATEGORIES, Rule.THRESHOLD);

    @FuzzTest
    void a_row_of_a_data_set_is_refused_in_a_sentence_or_read(byte[] data) throws IOException {
        try (JsonlPrompts prompts = new JsonlPrompts(
                new ByteArrayInputStream(data),
                new RowLabels(PaperTokens.CATEGORIES.labels(), PaperTokens.CATEGORIES.identity()))) {
            boolean more = true;
            while (more) {
                try {
                    more = prompts.next() != null;
                } catch (BadRowException e) {
                    more = true; // the next row may be good
                }
            }
        }
    }

    @FuzzTest
    void scores_are_refused_in_a_sentence_or_read(byte[] data) throws IOException {
        Path file = Files.createTempFile("scores", ".jsonl");
        try {
            Files.write(file, data);
            ScoreFile.read(file, POLICY, warning -> {});
        } catch (ScoreFileException e) {
            return;
        } finally {
            Files.delete(file);
        }
    }

    @FuzzTest
    void a_meta_file_is_refused_in_a_sentence_or_read(byte[] data) {
        try {
            ScoreMeta.parse(new String(data, StandardCharsets.UTF_8), "fuzzed");
        } catch (ScoreFileException e) {
            return;
        }
    }
}
