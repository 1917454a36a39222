package dev.demur.readout.words.internal;

import dev.demur.llama.internal.EncodedPrompt;
import dev.demur.llama.internal.LlamaContext;
import dev.demur.policy.Decision;
import dev.demur.policy.LabelNumbers;
import dev.demur.policy.Labels;
import dev.demur.policy.Reading;
import dev.demur.policy.Rules;
import dev.demur.readout.Opening;
import dev.demur.readout.internal.Readout;
import dev.demur.readout.words.internal.FrameSpec.Asked;
import dev.demur.readout.words.internal.FrameSpec.Group;
import dev.demur.readout.words.internal.Position.Numbers;
import dev.demur.readout.words.internal.WordsReadout.Second;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads words on one context. What was asked first is decoded by the caller; what is asked after it is decoded here, each in
 * the sequence of its prompt and from where it differs, when the first of the prepared sequences is read: a decode takes the
 * outputs of all sequences away, so that they are read before.
 */
final class WordsReader implements Readout.Reader {

    private final WordsReadout readout;
    private final LlamaContext context;
    private final Asking[] askings;

    /** One sequence's question. */
    private static final class Asking {

        private @Nullable EncodedPrompt prompt;
        private double temperature;
        private boolean pending;
        private @Nullable Reading reading;
    }

    WordsReader(WordsReadout readout, LlamaContext context) {
        this.readout = readout;
        this.context = context;
        this.askings = new Asking[context.sequences()];
        Arrays.setAll(askings, i -> new Asking());
    }

    @Override
    public void prepare(int[] sequences, List<Rules> rules, boolean greedily) {
        for (Asking asking : askings) {
            asking.pending = false; // what was not read of the decode before is gone
        }
        for (int i = 0; i < rules.size(); i++) {
            Asking asking = askings[sequences[i]];
            asking.temperature = rules.get(i).policy().temperature();
            asking.pending = true;
            asking.reading = null;
        }
    }

    @Override
    public int hold(int sequence, EncodedPrompt prompt, int held) {
        askings[sequence].prompt = prompt;
        return held;
    }

    @Override
    public Reading read(int sequence, Rules rules) {
        return read(sequence, rules.policy().temperature());
    }

    @Override
    public Reading read(int sequence, double temperature) {
        Asking asking = askings[sequence];
        if (asking.pending) {
            readPending();
        }
        Reading reading = asking.reading;
        if (reading == null || reading.temperature() != temperature) {
            throw new IllegalStateException(
                    "sequence " + sequence + " was not prepared to be read with a temperature of " + temperature
                            + ": give the rules before the prompt is decoded");
        }
        return reading;
    }

    private void readPending() {
        Numbers[] first = new Numbers[askings.length];
        for (int i = 0; i < askings.length; i++) {
            if (askings[i].pending) {
                askings[i].pending = false;
                first[i] = readout.first().read(context, i, askings[i].temperature);
            }
        }
        for (int i = 0; i < askings.length; i++) {
            Numbers numbers = first[i];
            if (numbers != null) {
                askings[i].reading = reading(i, numbers);
            }
        }
    }

    private Reading reading(int sequence, Numbers first) {
        Asking asking = askings[sequence];
        EncodedPrompt prompt = asking.prompt;
        if (prompt == null) {
            throw new IllegalStateException("sequence " + sequence + " holds no prompt that is known");
        }
        List<Numbers> further = new ArrayList<>();
        int questions = readout.frame().each().size() - 1;
        for (int i = 0; i < prompt.further().size(); i++) {
            Position position = i < questions
                    ? readout.first()
                    : readout.seconds().get(i - Math.max(0, questions)).position();
            int[] tokens = prompt.further().get(i);
            context.resume(sequence, tokens);
            context.decode(sequence, tokens);
            further.add(position.read(context, sequence, asking.temperature));
        }
        return readout.frame().each().isEmpty()
                ? ofOne(first, further, asking.temperature)
                : ofEach(first, further, asking.temperature);
    }

    // ---- one question for all labels

    private Reading ofOne(Numbers first, List<Numbers> further, double temperature) {
        FrameSpec frame = readout.frame();
        Sum sum = new Sum(temperature);
        double[] shares = shares(first, temperature);
        int next = 0;
        for (int g = 0; g < frame.groups().size(); g++) {
            Second second = next < readout.seconds().size() ? readout.seconds().get(next) : null;
            if (second == null || second.group() != g) {
                sum.add(
                        frame.groups().get(g),
                        shares[g],
                        first.strengths()[g],
                        first.probabilities()[g],
                        first.choice() == g);
                continue;
            }
            Numbers behind = further.get(next);
            next++;
            double[] sharesBehind = shares(behind, temperature);
            for (int h = 0; h < sharesBehind.length; h++) {
                sum.add(
                        second.groups().get(h),
                        shares[g] * sharesBehind[h],
                        first.strengths()[g] + temperature * StrictMath.log(sharesBehind[h]),
                        first.probabilities()[g] * behind.probabilities()[h],
                        first.choice() == g && behind.choice() == h);
            }
        }
        return sum.reading();
    }

    private double[] shares(Numbers numbers, double temperature) {
        return readout.frame().amongLabels() ? numbers.amongGroups(temperature) : numbers.probabilities();
    }

    /** Adds up what the groups have, by their labels. */
    private final class Sum {

        private final Labels labels = readout.labels();
        private final double temperature;
        private final double[] probabilities = new double[labels.count()];
        private final double[] strengths = new double[labels.count()];
        private double coverage;
        private int choice = LabelNumbers.NO_LABEL;

        Sum(double temperature) {
            this.temperature = temperature;
            Arrays.fill(strengths, Double.NEGATIVE_INFINITY);
        }

        void add(Group group, double probability, double strength, double covered, boolean chosen) {
            int label = labels.indexOfLabel(readout.frame().fold().getOrDefault(group.id(), group.id()));
            probabilities[label] = Math.min(1, probabilities[label] + probability);
            strengths[label] = Position.add(strengths[label], strength, temperature);
            coverage += covered;
            choice = chosen ? label : choice;
        }

        Reading reading() {
            return Reading.of(labels, temperature, probabilities, strengths, choice, 0)
                    .withCoverage(Math.min(1, coverage));
        }
    }

    // ---- a question for each category

    private Reading ofEach(Numbers first, List<Numbers> further, double temperature) {
        Labels labels = readout.labels();
        List<Numbers> all = new ArrayList<>(List.of(first));
        all.addAll(further);
        int respond = readout.frame().groups().get(0).id().equals(Labels.RESPOND) ? 0 : 1;
        double[] probabilities = new double[labels.count()];
        double least = 1;
        double coverage = 1;
        int choice = LabelNumbers.NO_LABEL;
        boolean answered = true;
        List<Asked> asked = readout.frame().each();
        for (int c = 0; c < asked.size(); c++) {
            Numbers numbers = all.get(c);
            double[] shares = shares(numbers, temperature);
            probabilities[c] = shares[1 - respond];
            least = Math.min(least, shares[respond]);
            coverage = Math.min(coverage, numbers.coverage());
            answered &= numbers.choice() == respond;
            if (numbers.choice() == 1 - respond && (choice < 0 || probabilities[c] > probabilities[choice])) {
                choice = c;
            }
        }
        probabilities[labels.respondIndex()] = least;
        int chosen = answered ? labels.respondIndex() : choice;
        // No logits of one softmax stand behind these: those of stored probabilities decide alike.
        return Reading.ofProbabilities(labels, temperature, probabilities, chosen)
                .withCoverage(coverage);
    }

    @Override
    public Opening opening(int sequence, Decision decision) {
        return decision instanceof Decision.Refuse refuse
                ? new Opening.Fixed(readout.reply(refuse.category()))
                : new Opening.Nothing();
    }
}
