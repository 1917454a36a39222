package dev.demur.grammar;

import java.util.List;

/** A part of a rule's body. */
sealed interface Part {

    /** No largest number of repetitions. */
    int UNBOUNDED = -1;

    /** One character after another: those of a literal, or one of a class. */
    record Characters(List<CharacterRanges> places) implements Part {}

    /** The name of a rule, and where it stands in the text. */
    record Use(String rule, int at) implements Part {}

    /** Alternatives, each a sequence of parts. */
    record Choice(List<List<Part>> alternatives) implements Part {}

    /** A part from {@code least} to {@code most} times, or {@link #UNBOUNDED}; and where that is said in the text. */
    record Repetition(Part part, int least, int most, int at) implements Part {}
}
