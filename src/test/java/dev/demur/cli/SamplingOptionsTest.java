package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.demur.GenerationOptions;
import dev.demur.cli.options.Arguments;
import dev.demur.cli.options.ModelOptions;
import dev.demur.cli.options.SamplingOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class SamplingOptionsTest {

    @TempDir
    private Path folder;

    private static double repeatPenalty(String... args) {
        CommandSpec spec = CommandSpec.create();
        SamplingOptions.addTo(spec);
        ModelOptions.addTo(spec);
        Arguments arguments = new Arguments(new CommandLine(spec).parseArgs(args));
        return SamplingOptions.from(arguments).sampling().repeatPenalty();
    }

    @Test
    void a_person_gets_a_repeat_penalty_where_it_does_no_harm_and_a_program_none() throws IOException {
        assertEquals(SamplingOptions.REPEAT_PENALTY, repeatPenalty());
        assertEquals(SamplingOptions.REPEAT_PENALTY, repeatPenalty("--temperature", "0.7", "--processing", "host"));
        assertEquals(1.3, repeatPenalty("--repeat-penalty", "1.3"));
        Path grammar = Files.writeString(folder.resolve("g.gbnf"), "root ::= \"a\"");
        assertEquals(1, repeatPenalty("--grammar", grammar.toString()));
        assertEquals(1.3, repeatPenalty("--grammar", grammar.toString(), "--repeat-penalty", "1.3"));
        Path schema = Files.writeString(folder.resolve("s.json"), "{\"type\": \"boolean\"}");
        assertEquals(1, repeatPenalty("--json-schema", schema.toString()));
        assertEquals(1, repeatPenalty("--processing", "in-graph"));
        assertEquals(1, GenerationOptions.DEFAULTS.sampling().repeatPenalty());
    }
}
