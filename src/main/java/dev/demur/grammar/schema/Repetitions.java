package dev.demur.grammar.schema;

import java.util.HashMap;
import java.util.Map;

/**
 * Repetitions of a part. llama.cpp takes none of 2,000 times and makes a rule of each time that may be left out, so that long
 * ones are put together from blocks, and equal ones share their rules.
 */
final class Repetitions {

    /** The largest number of times; a schema that allows more is taken to allow this. */
    static final int MOST = 20_000;

    private static final int BLOCK = 500;

    /** Up to so many times are written where they stand. */
    private static final int SHORT = 32;

    /** What is repeated, and how often. */
    private record Key(Expression part, int least, int most) {}

    private final SchemaDocument document;
    private final Rules rules;
    private final Map<Key, Expression> known = new HashMap<>();

    Repetitions(SchemaDocument document, Rules rules) {
        this.document = document;
        this.rules = rules;
    }

    /**
     * The part from {@code least} to {@code most} times, of which the largest integer is no bound.
     *
     * @param part a terminal or the name of a rule
     */
    Expression of(Expression part, int least, int most, Place place, String hint) {
        if (least > MOST) {
            throw document.problem(place, "at least " + least + " is too many: at most " + MOST + " are supported");
        }
        if (most < least) {
            return new Expression.Never(place, "the largest number is below the least");
        }
        int times = most == Integer.MAX_VALUE ? Expression.UNBOUNDED : Math.min(most, MOST);
        if (least <= SHORT && times <= SHORT) {
            return Expression.repeated(part, least, times);
        }
        Key key = new Key(part, least, times);
        Expression shared = known.get(key);
        if (shared == null) {
            Expression optional = times == Expression.UNBOUNDED
                    ? Expression.repeated(part, 0, times)
                    : upTo(part, times - least, place, hint);
            shared = rules.add(hint, place, Expression.sequence(exactly(part, least, place, hint), optional));
            known.put(key, shared);
        }
        return shared;
    }

    private Expression exactly(Expression part, int times, Place place, String hint) {
        if (times <= BLOCK) {
            return Expression.repeated(part, times, times);
        }
        return Expression.sequence(
                Expression.repeated(block(part, place, hint), times / BLOCK, times / BLOCK),
                Expression.repeated(part, times % BLOCK, times % BLOCK));
    }

    private Expression block(Expression part, Place place, String hint) {
        Key key = new Key(part, BLOCK, BLOCK);
        Expression block = known.get(key);
        if (block == null) {
            block = rules.add(hint, place, Expression.repeated(part, BLOCK, BLOCK));
            known.put(key, block);
        }
        return block;
    }

    /** Fewer than a block, or a block and what is left: so that there are never more than two ways to go on. */
    private Expression upTo(Expression part, int times, Place place, String hint) {
        Expression all = Expression.repeated(part, 0, times % BLOCK);
        for (int done = times % BLOCK; done < times; done += BLOCK) {
            Expression fewer = of(part, 0, BLOCK - 1, place, hint);
            all = rules.add(
                    hint, place, Expression.alternatives(fewer, Expression.sequence(block(part, place, hint), all)));
        }
        return all;
    }
}
