/**
 * Scores labelled prompts on an Apache Spark cluster, as {@code demur score} does on one machine.
 *
 * <p>{@link dev.demur.spark.SparkScorer} is the library, {@link dev.demur.spark.ScoreJob} the job for {@code spark-submit}. Every
 * executor loads the model once. The executors of a machine map the same file, so that its weights are in memory once.
 */
@NullMarked
package dev.demur.spark;

import org.jspecify.annotations.NullMarked;
