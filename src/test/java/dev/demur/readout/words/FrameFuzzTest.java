package dev.demur.readout.words;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Any bytes are a frame or a {@link FrameException}; {@code CONTRIBUTING.md} says how to look for more inputs. */
class FrameFuzzTest {

    @FuzzTest
    void bytes_are_refused_in_a_sentence_or_read(byte[] bytes) {
        try {
            FrameFile.parse(new String(bytes, StandardCharsets.UTF_8), "f.json").labels();
        } catch (FrameException e) {
            if (!String.valueOf(e.getMessage()).startsWith("f.json: ")) {
                throw e;
            }
        }
    }
}
