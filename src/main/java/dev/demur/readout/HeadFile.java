package dev.demur.readout;

import dev.demur.DemurException;
import dev.demur.arguments.Given;
import dev.demur.gguf.GgufFile;
import dev.demur.gguf.GgufWriter;
import dev.demur.gguf.Metadata;
import dev.demur.llama.HiddenState;
import dev.demur.policy.Category;
import dev.demur.policy.Labels;
import dev.demur.policy.Preset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * A head as GGUF keys: in a file of its own, which holds nothing else, or inside the model's file. docs/DESIGN.md lists the
 * keys.
 *
 * @param head the classifier
 * @param facts how it was made
 */
public record HeadFile(Head head, HeadFacts facts) {

    public HeadFile {
        Given.value(head, "head");
        Given.value(facts, "facts");
    }

    /** The {@code general.architecture} of a file of its own. */
    public static final String ARCHITECTURE = "demur.head";

    /** What the name of a file beside a model ends in, in place of {@code .gguf}. */
    public static final String ENDING = ".head.gguf";

    private static final int VERSION = 1;
    private static final String PREFIX = "demur.head.";
    private static final String VERSION_KEY = PREFIX + "version";
    private static final String CATEGORIES = PREFIX + "categories";
    private static final String NAMES = PREFIX + "category_names";
    private static final String REPLIES = PREFIX + "replies";
    private static final String SEES = PREFIX + "sees";
    private static final String WORDING = PREFIX + "wording";
    private static final String LAYERS = PREFIX + "layers";
    private static final String POOLINGS = PREFIX + "poolings";
    private static final String WIDTH = PREFIX + "width";
    private static final String WEIGHT = PREFIX + "weight";
    private static final String BIAS = PREFIX + "bias";
    private static final String CHECKSUM = PREFIX + "checksum";
    private static final String MODEL_NAME = PREFIX + "model_name";
    private static final String MODEL = PREFIX + "model";
    private static final String BASE = PREFIX + "base";
    private static final String TEMPLATE = PREFIX + "template";
    private static final String DATA = PREFIX + "data";
    private static final String VALIDATION = PREFIX + "validation";
    private static final String TRAINED_ON = PREFIX + "trained_on";

    /** Many times what a policy can be made for, and more values than a model has blocks. */
    private static final int MOST_CATEGORIES = 1024;

    private static final int MOST_VALUES = 4096;

    /** Whether a file holds a head, be it a model's or not. */
    public static boolean isIn(Metadata keys) {
        return Given.value(keys, "keys").has(VERSION_KEY);
    }

    /** Where the head of a model lies, if it has one beside it: {@code any.gguf} has {@code any.head.gguf}. */
    public static Path beside(Path model) {
        Given.value(model, "model");
        String name = model.getFileName().toString();
        String stem = name.toLowerCase(Locale.ROOT).endsWith(".gguf") ? name.substring(0, name.length() - 5) : name;
        return model.resolveSibling(stem + ENDING);
    }

    /**
     * The keys of the head that a model is decided by.
     *
     * @param readout what {@link dev.demur.LoadOptions#readout} names, if that is a head, or {@code tokens}; null: the head in the
     *     model's file, else the one beside it
     * @return null where there is none
     * @throws dev.demur.gguf.GgufException if the file is missing, damaged or no GGUF file
     */
    public static @Nullable Metadata find(GgufFile model, @Nullable String readout) {
        Given.value(model, "model");
        if (readout != null) {
            return readout.equals(DecisionTokens.KIND) ? null : Metadata.read(Path.of(readout));
        }
        if (isIn(model.metadata())) {
            return model.metadata();
        }
        Path beside = beside(model.path());
        return Files.exists(beside) ? Metadata.read(beside) : null;
    }

    /**
     * Reads a file of its own.
     *
     * @throws dev.demur.gguf.GgufException if it is missing, damaged or no GGUF file
     * @throws DemurException if it holds no head, or one that cannot be used; the message names the file
     */
    public static HeadFile read(Path file) {
        return read(Metadata.read(file));
    }

    /**
     * Reads the head among a file's keys.
     *
     * @throws dev.demur.gguf.GgufException if a key has a value of another type
     * @throws DemurException if there is none, or one that cannot be used; the message names the file
     */
    public static HeadFile read(Metadata keys) {
        Given.value(keys, "keys");
        return new Reading(keys).read();
    }

    /** One file on its way into a head. */
    private record Reading(Metadata keys) {

        HeadFile read() {
            OptionalLong version = keys.integer(VERSION_KEY);
            if (version.isEmpty()) {
                throw problem(
                        "holds no head (it has no key " + VERSION_KEY + "); fit a head, or name another" + " file");
            }
            if (version.getAsLong() != VERSION) {
                throw problem("holds a head of version " + version.getAsLong() + ", and this Demur reads version "
                        + VERSION + "; use a newer Demur, or fit the head again");
            }
            List<Category> categories = categories();
            List<String> replies = required(keys.strings(REPLIES), REPLIES);
            long width = required(keys.integer(WIDTH), WIDTH);
            float[] weight = required(keys.floats(WEIGHT), WEIGHT);
            float[] bias = required(keys.floats(BIAS), BIAS);
            Head head;
            try {
                head = new Head(
                        new Labels(categories),
                        replies,
                        sees(),
                        wording(),
                        values(),
                        Math.toIntExact(width),
                        weight,
                        bias);
            } catch (IllegalArgumentException | DemurException | ArithmeticException e) {
                throw problem("holds a head that cannot be used: " + e.getMessage() + "; fit it again");
            }
            if (!head.checksum().equals(keys.string(CHECKSUM))) {
                throw problem("holds a head whose numbers are not those that were written (" + CHECKSUM
                        + " differs); copy the file again, or fit the head again");
            }
            return new HeadFile(head, facts());
        }

        private List<Category> categories() {
            List<String> ids = required(keys.strings(CATEGORIES), CATEGORIES);
            List<String> names = required(keys.strings(NAMES), NAMES);
            if (ids.size() != names.size() || ids.isEmpty() || ids.size() > MOST_CATEGORIES) {
                throw problem(CATEGORIES + " has " + ids.size() + " elements and " + NAMES + " " + names.size()
                        + ": both must have the same number, from 1 to " + MOST_CATEGORIES + "; fit the head again");
            }
            List<Category> categories = new ArrayList<>();
            for (int i = 0; i < ids.size(); i++) {
                try {
                    categories.add(new Category(ids.get(i), names.get(i)));
                } catch (IllegalArgumentException | DemurException e) {
                    throw problem("a category of its head: " + e.getMessage());
                }
            }
            return categories;
        }

        private List<HiddenState> values() {
            long[] layers = required(keys.integers(LAYERS), LAYERS);
            List<String> poolings = required(keys.strings(POOLINGS), POOLINGS);
            if (layers.length != poolings.size() || layers.length > MOST_VALUES) {
                throw problem(LAYERS + " has " + layers.length + " elements and " + POOLINGS + " " + poolings.size()
                        + ": both must have the same number, at most " + MOST_VALUES + "; fit the head again");
            }
            List<HiddenState> values = new ArrayList<>();
            for (int i = 0; i < layers.length; i++) {
                if (layers[i] < 0 || layers[i] > Integer.MAX_VALUE) {
                    throw problem(LAYERS + " names the layer " + layers[i] + "; fit the head again");
                }
                values.add(new HiddenState((int) layers[i], pooling(poolings.get(i))));
            }
            return values;
        }

        private HiddenState.Pooling pooling(String id) {
            for (HiddenState.Pooling pooling : HiddenState.Pooling.values()) {
                if (pooling.id().equals(id)) {
                    return pooling;
                }
            }
            throw problem(POOLINGS + " names '" + id + "', which this Demur does not know; use a newer one");
        }

        private Head.Sees sees() {
            String id = required(keys.string(SEES), SEES);
            for (Head.Sees sees : Head.Sees.values()) {
                if (sees.id().equals(id)) {
                    return sees;
                }
            }
            throw problem(SEES + " is '" + id + "', which this Demur does not know; use a newer one");
        }

        private Wording wording() {
            String id = keys.string(WORDING);
            if (id == null) {
                return Wording.AS_WRITTEN; // files that were written before there were others
            }
            for (Wording wording : Wording.values()) {
                if (wording.id().equals(id)) {
                    return wording;
                }
            }
            throw problem(WORDING + " is '" + id + "', which this Demur does not know; use a newer one");
        }

        private HeadFacts facts() {
            Map<String, String> policies = new LinkedHashMap<>();
            for (String key : keys.keys()) {
                if (Preset.isKey(key)) {
                    policies.put(key, required(keys.string(key), key));
                }
            }
            long[] trainedOn = keys.integers(TRAINED_ON);
            return new HeadFacts(
                    keys.string(MODEL_NAME),
                    required(keys.string(MODEL), MODEL),
                    required(keys.string(BASE), BASE),
                    required(keys.string(TEMPLATE), TEMPLATE),
                    required(keys.string(DATA), DATA),
                    required(keys.string(VALIDATION), VALIDATION),
                    trainedOn == null ? new long[0] : trainedOn,
                    policies);
        }

        private <T> T required(@Nullable T value, String key) {
            if (value == null) {
                throw problem("holds a head without the key " + key + "; fit it again");
            }
            return value;
        }

        private long required(OptionalLong value, String key) {
            return required(value.isPresent() ? (Long) value.getAsLong() : null, key);
        }

        private DemurException problem(String what) {
            return new DemurException(keys.file() + ": " + what);
        }
    }

    /**
     * Writes a file of its own, whole or not at all.
     *
     * @throws IOException if it cannot be written
     */
    public void write(Path file) throws IOException {
        Given.value(file, "file");
        GgufWriter keys = new GgufWriter();
        keys.string("general.architecture", ARCHITECTURE);
        String name = facts.modelName();
        keys.string("general.name", "Head for " + (name == null ? "a model" : name));
        set(keys);
        keys.write(file);
    }

    /**
     * Writes a copy of the model with this head and its policies inside, in place of those that it had.
     *
     * @throws DemurException if this head was not fitted on that model, or the model is split into several files
     * @throws IOException if the model cannot be read, or the copy not written
     */
    public void embed(GgufFile model, Path file) throws IOException {
        Given.value(model, "model");
        Given.value(file, "file");
        if (!model.fingerprint().equals(facts.model())) {
            throw new DemurException(
                    model.path().getFileName() + " is not the model that the head was fitted on: name that one");
        }
        GgufWriter keys = new GgufWriter();
        set(keys);
        keys.copy(model, key -> key.startsWith(PREFIX) || Preset.isKey(key), file);
    }

    private void set(GgufWriter keys) {
        List<Category> categories = head.labels().categories();
        keys.integer(VERSION_KEY, VERSION)
                .strings(CATEGORIES, categories.stream().map(Category::id).toList())
                .strings(NAMES, categories.stream().map(Category::name).toList())
                .strings(REPLIES, head.replies())
                .string(SEES, head.sees().id())
                .integers(
                        LAYERS,
                        head.values().stream().mapToLong(HiddenState::layer).toArray())
                .strings(
                        POOLINGS,
                        head.values().stream()
                                .map(value -> value.pooling().id())
                                .toList())
                .integer(WIDTH, head.width())
                .floats(WEIGHT, head.weight())
                .floats(BIAS, head.bias())
                .string(CHECKSUM, head.checksum())
                .string(MODEL, facts.model())
                .string(BASE, facts.base())
                .string(TEMPLATE, facts.template())
                .string(DATA, facts.data())
                .string(VALIDATION, facts.validation())
                .integers(TRAINED_ON, facts.trainedOn());
        if (head.wording() != Wording.AS_WRITTEN) {
            keys.string(WORDING, head.wording().id());
        }
        String name = facts.modelName();
        if (name != null) {
            keys.string(MODEL_NAME, name);
        }
        facts.orderedPolicies().forEach(keys::string);
    }
}
