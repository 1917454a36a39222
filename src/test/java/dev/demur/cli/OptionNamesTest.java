package dev.demur.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.demur.cli.options.OptionNames;
import dev.demur.readout.internal.DecisionTokenFinder;
import org.junit.jupiter.api.Test;

class OptionNamesTest {

    @Test
    void what_the_library_advises_programs_is_said_in_options() {
        assertEquals(
                "shorten the conversation or raise the context size (--ctx N)",
                OptionNames.in("shorten the conversation or raise the context size (LoadOptions.withContextSize)"));
        assertEquals(
                "name one of llama.cpp's by --chat-template NAME (chatml)",
                OptionNames.in("name one of llama.cpp's by LoadOptions.withChatTemplate (chatml)"));
        assertEquals(
                "score them again: demur score --data FILE --out FILE --tau 2.0",
                OptionNames.in("score them again: PromptScorer with the temperature 2.0"));
        assertEquals(
                "name them with --policy FILE, or score the prompts again: demur score --data FILE --out FILE",
                OptionNames.in("name them with a RefusalPolicy for them, or score the prompts again: PromptScorer"));
        assertEquals(
                "give a mapping, by --control-token ID=TEXT for each category and for respond",
                OptionNames.in("give a mapping" + DecisionTokenFinder.HOW_TO_MAP));
        assertEquals("make a head for it (demur fit --model FILE)", OptionNames.in("make a head for it (HeadFitter)"));
        assertEquals("nothing of it", OptionNames.in("nothing of it"));
    }
}
