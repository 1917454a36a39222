package dev.demur.grammar;

import dev.demur.arguments.Given;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows a grammar byte by byte: where a text stands in it, and which bytes may come next.
 *
 * <p>All ways to read the text are followed at once, as a set of stacks that share what they have in common; sets that
 * were met before are found again, so that most steps are a look into an array. The work between two calls of {@link
 * #begin} is bounded, and so is what is remembered. For one thread at a time.
 */
public final class GrammarMatcher {

    /** Steps between two calls of begin: a second or so. */
    private static final long MOST_WORK = 3_000_000;

    /** The most ways to read a text that are followed at once. */
    private static final int MOST_WAYS = 20_000;

    /** So many steps that only look at a byte take as long as one that is followed. */
    private static final int LOOKS = 16;

    private static final int MOST_REMEMBERED = 500_000;
    private static final int BYTES = 256;

    private final Program program;
    private final Map<Key, Frame> frames = new HashMap<>();
    private final Map<Set<Frame>, Place> places = new HashMap<>();
    private final Place start;
    private long work;
    private long remembered;

    /** A matcher at the beginning of a text. */
    public GrammarMatcher(Grammar grammar) {
        Given.value(grammar, "grammar");
        this.program = grammar.program();
        Set<Frame> found = new HashSet<>();
        Expansion expansion = new Expansion(found);
        expansion.call(program.rule(Grammar.ROOT), null);
        expansion.run();
        this.start = place(found);
    }

    /** A step to be taken, and the frame to return to behind its row; frames are equal where they are the same. */
    private static final class Frame {

        private final int step;
        private final @Nullable Frame above;

        Frame(int step, @Nullable Frame above) {
            this.step = step;
            this.above = above;
        }
    }

    private record Key(int step, @Nullable Frame above) {}

    /** The frame that stands for the end of the text: its step is none. */
    private static final Frame THE_END = new Frame(-1, null);

    /** Where a text stands in the grammar; of use with the matcher that gave it. */
    public static final class Place {

        private static final Place NOWHERE = new Place(Set.of());

        /** Each at a step that reads a byte, or {@link #THE_END}. */
        private final Set<Frame> frames;

        private final @Nullable Place[] next = new @Nullable Place[BYTES];

        private Place(Set<Frame> frames) {
            this.frames = frames;
        }

        /** Whether the text may end here. */
        public boolean mayEnd() {
            return frames.contains(THE_END);
        }
    }

    /** Begins a piece of work, whose bound counts anew. */
    public void begin() {
        work = 0;
        if (remembered > MOST_REMEMBERED) {
            remembered = 0;
            frames.clear();
            places.clear();
        }
    }

    /** The place before a text. */
    public Place start() {
        return start;
    }

    /**
     * The place behind {@code next}; null where no text goes on like that.
     *
     * @throws AmbiguousGrammarException if there are more ways to read the text than can be followed
     */
    public @Nullable Place after(Place place, byte next) {
        Given.value(place, "place");
        int value = next & 0xFF;
        Place known = place.next[value];
        if (known == null) {
            known = follow(place, value);
            place.next[value] = known;
        }
        return known == Place.NOWHERE ? null : known;
    }

    private Place follow(Place place, int value) {
        Set<Frame> found = new HashSet<>();
        Expansion expansion = new Expansion(found);
        count(place.frames.size() / LOOKS);
        for (Frame frame : place.frames) {
            if (frame != THE_END) {
                Program.Step step = program.step(frame.step);
                if (step.a() <= value && value <= step.b()) {
                    expansion.add(frame.step + 1, frame.above);
                }
            }
        }
        expansion.run();
        return found.isEmpty() ? Place.NOWHERE : place(found);
    }

    private Place place(Set<Frame> found) {
        return places.computeIfAbsent(found, set -> {
            remembered += set.size() + BYTES / 8;
            return new Place(set);
        });
    }

    private void count(int more) {
        work += more;
        if (work > MOST_WORK) {
            throw new AmbiguousGrammarException();
        }
    }

    /** Goes from steps on to those that read a byte. */
    private final class Expansion {

        private final Set<Frame> found;
        private final Set<Frame> seen = new HashSet<>();
        private final Deque<Frame> todo = new ArrayDeque<>();

        Expansion(Set<Frame> found) {
            this.found = found;
        }

        void add(int step, @Nullable Frame above) {
            count(1);
            Frame frame = frame(step, above);
            if (seen.add(frame)) {
                todo.push(frame);
            }
            if (seen.size() > MOST_WAYS) {
                throw new AmbiguousGrammarException();
            }
        }

        void call(int rule, @Nullable Frame back) {
            for (int alternative : program.alternatives(rule)) {
                add(alternative, back);
            }
        }

        void run() {
            while (!todo.isEmpty()) {
                Frame frame = todo.pop();
                Program.Step step = program.step(frame.step);
                switch (step.kind()) {
                    case BYTE -> found.add(frame);
                    case CALL -> call(step.a(), back(frame));
                    case END -> end(frame.above);
                }
            }
        }

        /** Where a rule that is called goes on: behind the call, or, where nothing follows there, one higher at once. */
        private @Nullable Frame back(Frame caller) {
            boolean last = program.step(caller.step + 1).kind() == Program.Kind.END;
            return last ? caller.above : frame(caller.step + 1, caller.above);
        }

        private void end(@Nullable Frame above) {
            if (above == null) {
                found.add(THE_END);
            } else {
                add(above.step, above.above);
            }
        }

        private Frame frame(int step, @Nullable Frame above) {
            return frames.computeIfAbsent(new Key(step, above), key -> {
                remembered++;
                return new Frame(step, above);
            });
        }
    }
}
