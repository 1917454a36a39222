/**
 * What a model may refuse, how readily, and the decision: categories, rules, policies and their JSON.
 *
 * <p>A {@link dev.demur.policy.Reading} holds the K + 1 numbers that were read of a prompt: a probability and a logit for
 * each of K categories to refuse, and for respond. A {@link dev.demur.policy.RefusalPolicy} turns it into a {@link
 * dev.demur.policy.Decision} by one of six {@link dev.demur.policy.Rule}s. All comparisons that decide a refusal stand in
 * one class, {@link dev.demur.policy.Rules}, and nowhere else in the project. {@link dev.demur.policy.PolicyFile} reads
 * and writes policies as JSON.
 *
 * <p>A pure leaf: it knows neither models nor native code nor where the numbers were read. Every type is immutable and
 * safe to use from several threads.
 *
 * <p>Part of the API.
 */
@NullMarked
package dev.demur.policy;

import org.jspecify.annotations.NullMarked;
