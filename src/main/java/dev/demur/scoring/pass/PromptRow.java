package dev.demur.scoring.pass;

/** A row of a data set that has a prompt. */
public interface PromptRow {

    /** Where it stands in its file, counted from 1, for messages. */
    long line();

    /** The prompt itself; rows of like length are decoded together. */
    String text();
}
