/** Measures a model on the lists of training/: what it refuses that it should answer, and what changes nothing and still does. */
package dev.demur.benchmarks.lists;
