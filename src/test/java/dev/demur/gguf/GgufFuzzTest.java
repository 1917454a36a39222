package dev.demur.gguf;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Model files of any bytes, to our own reader. */
class GgufFuzzTest {

    @FuzzTest
    void a_file_is_refused_in_a_sentence_or_can_be_read_throughout(byte[] data) throws IOException {
        Path path = Files.createTempFile("fuzzed", ".gguf");
        try {
            Files.write(path, data);
            GgufFile file = GgufFile.read(path);
            for (int id = 0; id < file.tokenCount(); id++) {
                file.tokenText(id);
                file.tokenType(id);
            }
            file.fingerprint();
        } catch (GgufException e) {
            return;
        } finally {
            Files.delete(path);
        }
    }
}
