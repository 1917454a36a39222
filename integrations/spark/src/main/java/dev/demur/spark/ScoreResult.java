package dev.demur.spark;

/**
 * What a job did.
 *
 * @param rows how many rows the data have
 * @param scored how many of them were scored
 * @param bad how many are in the error output
 */
public record ScoreResult(long rows, long scored, long bad) {}
