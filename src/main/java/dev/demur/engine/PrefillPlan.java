package dev.demur.engine;

import dev.demur.llama.internal.DecodePart;
import dev.demur.llama.internal.LlamaContext;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What of the prompts that wait is decoded next. The oldest request has half of the tokens at least, so that every prompt
 * gets on; the rest goes to those that need least, so that short prompts do not wait for long ones.
 *
 * @param slots whose prompts these are
 * @param parts one for each
 */
record PrefillPlan(List<Slot> slots, List<DecodePart> parts) {

    /**
     * Plans a decode.
     *
     * @param filling requests with tokens to be decoded in a sequence of the context, the oldest first
     * @param most how many tokens it has at most
     */
    static PrefillPlan of(LlamaContext context, List<Slot> filling, int most) {
        Slot oldest = filling.get(0);
        int[] share = new int[filling.size()];
        share[0] = Math.min(left(context, oldest), Math.max(1, most / 2));
        int rest = most - share[0];
        List<Integer> shortest = new ArrayList<>();
        for (int i = 0; i < filling.size(); i++) {
            shortest.add(i);
        }
        shortest.sort(Comparator.comparingInt(i -> left(context, filling.get(i))));
        for (int i : shortest) {
            int more = Math.min(rest, left(context, filling.get(i)) - share[i]);
            share[i] += more;
            rest -= more;
        }
        List<Integer> chosen = new ArrayList<>();
        for (int i = 0; i < share.length; i++) {
            if (share[i] > 0) {
                chosen.add(i);
            }
        }
        if (context.wantsNeighbours()) {
            chosen = besideOldest(chosen, filling);
        }
        List<Slot> slots = new ArrayList<>();
        List<DecodePart> parts = new ArrayList<>();
        for (int i : chosen) {
            slots.add(filling.get(i));
            parts.add(part(context, filling.get(i), share[i]));
        }
        return new PrefillPlan(slots, parts);
    }

    /** Of those chosen the ones whose sequences, in ascending order, are neighbours of the oldest's. */
    private static List<Integer> besideOldest(List<Integer> chosen, List<Slot> filling) {
        List<Integer> order = new ArrayList<>(chosen);
        order.sort(Comparator.comparingInt(i -> filling.get(i).filling));
        int first = order.indexOf(0);
        int last = first;
        while (first > 0 && areNeighbours(filling, order, first - 1)) {
            first--;
        }
        while (last + 1 < order.size() && areNeighbours(filling, order, last)) {
            last++;
        }
        return order.subList(first, last + 1);
    }

    private static boolean areNeighbours(List<Slot> filling, List<Integer> order, int at) {
        return filling.get(order.get(at)).filling + 1 == filling.get(order.get(at + 1)).filling;
    }

    /** How many tokens of a prompt come next: up to the end of its block at most. */
    private static int left(LlamaContext context, Slot slot) {
        int position = context.position(slot.filling);
        return Math.min(slot.fill().prompt().ids().length, Blocks.end(position)) - position;
    }

    private static DecodePart part(LlamaContext context, Slot slot, int tokens) {
        int to = context.position(slot.filling) + tokens;
        int[] prompt = slot.fill().prompt().ids();
        return new DecodePart(slot.filling, prompt, to, slot.fill().output() && to == prompt.length);
    }

    /** Where the parts begin, before they are decoded. */
    int[] positions(LlamaContext context) {
        return parts.stream()
                .mapToInt(part -> context.position(part.sequence()))
                .toArray();
    }

    /** Whether the prompt at an index is whole after the decode. */
    boolean ends(int index) {
        return parts.get(index).to() == parts.get(index).prompt().length;
    }

    /** The part at an index alone. */
    PrefillPlan alone(int index) {
        return new PrefillPlan(List.of(slots.get(index)), List.of(parts.get(index)));
    }
}
