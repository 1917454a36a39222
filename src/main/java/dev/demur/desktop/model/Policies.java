package dev.demur.desktop.model;

import dev.demur.DemurException;
import dev.demur.calibration.PromisedBound;
import dev.demur.calibration.Provenance;
import dev.demur.policy.Calibration;
import dev.demur.policy.Category;
import dev.demur.policy.CategoryPolicy;
import dev.demur.policy.Decision;
import dev.demur.policy.Labels;
import dev.demur.policy.PolicyFile;
import dev.demur.policy.Preset;
import dev.demur.policy.Reading;
import dev.demur.policy.RefusalPolicy;
import dev.demur.policy.Rule;
import dev.demur.policy.Rules;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The policy that decides, as a person turns it, and what it makes of the numbers of the last prompt. */
public final class Policies {

    static final String RECENT = "policies";

    private final Texts texts;
    private final Settings settings;
    private final Observers observers = new Observers();
    private @Nullable ModelSession session;
    private @Nullable RefusalPolicy policy;
    private @Nullable RefusalPolicy calibrated; // what "reset" goes back to
    private String saved = "";
    private @Nullable Path file;
    private @Nullable Reading reading;

    Policies(Texts texts, Settings settings) {
        this.texts = texts;
        this.settings = settings;
    }

    /** Told when the policy or the numbers change. */
    public Observers observers() {
        return observers;
    }

    /** Takes the policy that a model comes with. */
    void use(ModelSession newSession) {
        ModelSession before = session;
        if (policy != null && before != null && isSame(before, newSession)) {
            session = newSession; // loaded anew, as with other threads: what was turned stays
            observers.tell();
            return;
        }
        session = newSession;
        reading = null;
        take(newSession.ownPolicy(), null);
    }

    /** Whether two loaded models are of one file and decide alike. */
    static boolean isSame(ModelSession one, ModelSession other) {
        return one.file().equals(other.file())
                && one.labels().equals(other.labels())
                && one.readout().equals(other.readout());
    }

    private void take(RefusalPolicy taken, @Nullable Path from) {
        RefusalPolicy whole = withAllCategories(taken);
        calibrated = whole;
        file = from;
        saved = PolicyFile.write(whole);
        set(whole);
    }

    /** The same, with the categories that it does not name, which it never refuses. */
    private RefusalPolicy withAllCategories(RefusalPolicy given) {
        List<CategoryPolicy> all = new ArrayList<>(given.categories());
        for (Category category : labels().categories()) {
            if (given.category(category.id()).isEmpty()) {
                all.add(new CategoryPolicy(category.id(), category.name(), null, null, null));
            }
        }
        return all.size() == given.categories().size()
                ? given
                : new RefusalPolicy(
                        given.rule(),
                        given.temperature(),
                        given.readout(),
                        given.sumThreshold(),
                        all,
                        given.map(),
                        given.calibration());
    }

    private Labels labels() {
        return required().labels();
    }

    private ModelSession required() {
        if (session == null) {
            throw new IllegalStateException("there is no model");
        }
        return session;
    }

    private void set(RefusalPolicy next) {
        policy = next;
        observers.tell();
    }

    /** Whether there is a policy, as there is once a model is loaded. */
    public boolean isThere() {
        return policy != null;
    }

    /** The policy as it stands. */
    public RefusalPolicy policy() {
        if (policy == null) {
            throw new IllegalStateException("there is no policy");
        }
        return policy;
    }

    /** The file that it was read from or written to; null: it is the model's own. */
    public @Nullable Path file() {
        return file;
    }

    /** Whether it differs from what was opened or saved. */
    public boolean isChanged() {
        return policy != null && !PolicyFile.write(policy).equals(saved);
    }

    /** Whether a threshold, the rule or &tau; differs from what was opened. */
    public boolean differsFromCalibrated() {
        return policy != null && calibrated != null && !policy.checksum().equals(calibrated.checksum());
    }

    /** Policies that were open lately, the last one first. */
    public List<Path> recent() {
        return settings.texts(RECENT).stream().map(Path::of).toList();
    }

    // What a person turns.

    /** Moves a threshold; null switches the category off. */
    public void setThreshold(String id, @Nullable Double threshold) {
        set(threshold == null ? policy().withoutThreshold(id) : policy().withThreshold(id, threshold));
    }

    /** Moves the one threshold of the rule {@code sum}. */
    public void setSumThreshold(double threshold) {
        set(policy().withSumThreshold(threshold));
    }

    /** Moves a bias. */
    public void setBias(String id, double bias) {
        set(policy().withBias(id, bias));
    }

    /** The rules that this policy can have: all but {@code refit} where it has no map. */
    public List<Rule> rules() {
        return List.of(Rule.values()).stream()
                .filter(rule -> rule != Rule.REFIT || policy().map() != null)
                .toList();
    }

    /** Takes another rule. */
    public void setRule(Rule rule) {
        if (rule != policy().rule()) {
            set(policy().withRule(rule));
        }
    }

    /**
     * Takes another &tau;; kept numbers were read with the one before and decide nothing more.
     *
     * @throws IllegalArgumentException if it is not above 0
     */
    public void setTemperature(double temperature) {
        if (temperature != policy().temperature()) {
            set(policy().withTemperature(temperature));
        }
    }

    /** Takes a policy that was calibrated, with the replies of this one. */
    public void apply(RefusalPolicy made) {
        RefusalPolicy next = withAllCategories(made);
        for (CategoryPolicy category : policy().categories()) {
            if (category.reply() != null && next.category(category.id()).isPresent()) {
                next = next.withReply(category.id(), category.reply());
            }
        }
        set(next);
    }

    /** Takes one of the policies that the model comes with. */
    public void usePreset(Preset preset) {
        take(required().preset(preset), null);
    }

    /** The policies that the model comes with. */
    public List<Preset> presets() {
        return session == null ? List.of() : session.presets();
    }

    /** Goes back to what was opened. */
    public void reset() {
        if (calibrated != null) {
            set(calibrated);
        }
    }

    // Files.

    /**
     * Opens a policy.
     *
     * @throws dev.demur.policy.PolicyException if it cannot be read, or is for another model
     */
    public void open(Path path) {
        RefusalPolicy read = PolicyFile.read(path);
        read.requireFits(labels(), required().readout(), path.getFileName().toString());
        take(read, path);
        settings.use(RECENT, path.toAbsolutePath().toString());
    }

    /**
     * Saves the policy.
     *
     * @throws DemurException if the file cannot be written
     */
    public void save(Path path) {
        String text = PolicyFile.write(policy());
        try {
            PrivateFiles.replaceShared(path, text);
        } catch (IOException e) {
            throw new DemurException(texts.get("policy.unwritable", path, e), e);
        }
        saved = text;
        file = path;
        calibrated = policy();
        settings.use(RECENT, path.toAbsolutePath().toString());
        observers.tell();
    }

    // Numbers.

    /** The numbers of the last prompt; null: there are none. */
    public @Nullable Reading reading() {
        return reading;
    }

    /** Shows the numbers of a prompt; null: there are none. */
    void show(@Nullable Reading newReading) {
        boolean mine =
                newReading == null || session == null || newReading.labels().equals(session.labels());
        reading = mine ? newReading : null;
        observers.tell();
    }

    /** Whether the numbers were read with another &tau; than the policy's, so that they must be read again. */
    public boolean needsReading() {
        return reading != null && policy != null && reading.temperature() != policy.temperature();
    }

    /** What the policy decides on the last prompt's numbers; null where there are none. */
    public @Nullable Decision decision() {
        return reading == null || policy == null || needsReading() ? null : policy.decide(reading);
    }

    /** The categories as they stand, in the model's order. */
    public List<CategoryRow> rows() {
        List<CategoryRow> rows = new ArrayList<>();
        if (policy == null) {
            return rows;
        }
        Labels labels = labels();
        Rules rules = policy.bind(labels);
        Decision decision = decision();
        String chosen = decision == null ? null : Answer.label(decision);
        for (int c = 0; c < labels.respondIndex(); c++) {
            Category category = labels.categories().get(c);
            CategoryPolicy own = policy.category(category.id()).orElse(null);
            Double bias = own == null ? null : own.bias();
            rows.add(new CategoryRow(
                    category.id(),
                    name(category),
                    own == null ? null : own.threshold(),
                    bias == null ? 0 : bias,
                    reading != null && decision != null ? rules.score(reading, c) : Double.NaN,
                    reading == null ? Double.NaN : reading.probability(c),
                    reading != null && decision != null && rules.passes(reading, c),
                    category.id().equals(chosen)));
        }
        return rows;
    }

    /** The name of a category in the person's language where it is known, else the model's. */
    public String name(Category category) {
        return texts.getOr("category." + category.id(), category.name());
    }

    /** What the policy promises here, or why it promises nothing, in a sentence. */
    public String promise() {
        List<String> warnings = warnings();
        return warnings.isEmpty()
                ? PromiseText.of(policy(), texts, this::nameOf)
                : texts.get("promise.void", String.join(", ", warnings));
    }

    /** Whether the policy promises something here. */
    public boolean promises() {
        return policy != null
                && warnings().isEmpty()
                && !PromisedBound.of(policy).isEmpty();
    }

    /** Of how many of a hundred good requests the policy promises to refuse at most; NaN where it promises nothing of this kind. */
    public double promisedOfHundred() {
        Calibration calibration = policy == null ? null : policy.calibration();
        Double target = calibration == null ? null : calibration.target();
        boolean joint = promises()
                && PromisedBound.of(policy()).stream()
                        .anyMatch(bound -> bound.category() == null && bound.ofFalseRefusals());
        return joint && target != null ? target * 100 : Double.NaN;
    }

    /** The name of a category by its id, in the person's language where it is known. */
    public String nameOf(String id) {
        int index = labels().indexOf(id);
        return index < 0 || index >= labels().categories().size()
                ? texts.getOr("category." + id, id)
                : name(labels().categories().get(index));
    }

    /** Why the promise does not hold here, a field a piece; empty where it does or there is none. */
    public List<String> warnings() {
        if (session == null || policy == null) {
            return List.of();
        }
        Optional<Provenance> provenance = session.provenance(policy);
        return provenance.map(Provenance::warnings).orElse(List.of()).stream()
                .map(difference -> texts.getOr(
                        "provenance." + difference.field().id(),
                        difference.field().words()))
                .toList();
    }

    /** A policy by which everything is answered, with the numbers read as this one reads them. */
    static RefusalPolicy answering(RefusalPolicy policy) {
        RefusalPolicy none = policy.withRule(Rule.THRESHOLD);
        for (CategoryPolicy category : policy.categories()) {
            none = none.withoutThreshold(category.id());
        }
        return none;
    }
}
