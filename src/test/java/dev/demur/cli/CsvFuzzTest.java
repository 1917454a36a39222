package dev.demur.cli;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.demur.DemurException;
import dev.demur.cli.files.CsvPrompts;
import dev.demur.dataset.BadRowException;
import dev.demur.dataset.RowLabels;
import dev.demur.policy.PaperTokens;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/** Data sets as CSV of any bytes. */
class CsvFuzzTest {

    @FuzzTest
    void a_table_is_refused_in_a_sentence_or_read(byte[] data) throws IOException {
        try (CsvPrompts prompts = new CsvPrompts(
                new ByteArrayInputStream(data),
                new RowLabels(PaperTokens.CATEGORIES.labels(), PaperTokens.CATEGORIES.identity()))) {
            while (prompts.next() != null) {
                // every row of it
            }
        } catch (BadRowException e) {
            return;
        } catch (IOException | DemurException e) {
            // the header
            if (e.getClass() != IOException.class && e.getClass() != DemurException.class) {
                throw e;
            }
        }
    }
}
