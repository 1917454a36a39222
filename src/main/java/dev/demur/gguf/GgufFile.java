package dev.demur.gguf;

import dev.demur.DemurException;
import dev.demur.arguments.Given;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A checked GGUF model file: its metadata, its vocabulary and the list of its tensors, without the weights.
 *
 * <p>A model split into several files is read by its first part; the tensors are those of all parts. What
 * {@link #read} returns has passed all checks; it holds nothing open, and later changes of the file do not show.
 */
public final class GgufFile {

    private final Path path;
    private final List<GgufContents> parts;
    private final GgufContents contents;
    private final List<TensorInfo> tensors;
    private final long fileSize;
    private final String architecture;
    private final Vocabulary vocabulary;

    private GgufFile(Path path, List<GgufContents> parts, String architecture, Vocabulary vocabulary) {
        this.path = path;
        this.parts = parts;
        this.contents = parts.get(0);
        List<TensorInfo> all = new ArrayList<>();
        long size = 0;
        for (GgufContents part : parts) {
            all.addAll(part.tensors());
            size += part.size();
        }
        this.tensors = List.copyOf(all);
        this.fileSize = size;
        this.architecture = architecture;
        this.vocabulary = vocabulary;
    }

    /**
     * Reads and checks a file.
     *
     * @throws GgufException if it cannot be read, is no GGUF file, is damaged, or would make llama.cpp end the process
     */
    public static GgufFile read(Path path) {
        Given.value(path, "path");
        GgufContents contents = GgufReader.read(path);
        Vocabulary vocabulary = Vocabulary.read(contents);
        String architecture = GgufValidator.check(contents, vocabulary);
        List<GgufContents> parts = SplitFiles.read(path, contents);
        BlockRules.check(architecture, parts);
        ExpertTableRules.check(path, architecture, parts);
        return new GgufFile(path, parts, architecture, vocabulary);
    }

    /** The path it was read from. */
    public Path path() {
        return path;
    }

    /** The version of the container, 2 or 3. */
    public int version() {
        return contents.version();
    }

    /** Tensors begin at multiples of this many bytes. */
    public long alignment() {
        return contents.alignment();
    }

    /** The size in bytes, of all parts together. */
    public long fileSize() {
        return fileSize;
    }

    /** The value of {@code general.architecture}, as {@code llama}. */
    public String architecture() {
        return architecture;
    }

    /**
     * Identifies the model, as {@code sha256:…}: a hash of its metadata but for policies ({@code demur.policy…}) and a head
     * ({@code demur.head…}), of its list of tensors, and of the first and the last 4 KiB of each, which are read now. A policy
     * or a head that is embedded leaves it as it is.
     *
     * @throws GgufException if the weights cannot be read
     */
    public String fingerprint() {
        return ModelFingerprint.of(path, parts);
    }

    /**
     * Identifies what the quantisations of one model have in common, as {@code sha256:…}: a hash of its architecture, its
     * main extents and its vocabulary. Models tuned from one another have the same.
     */
    public String baseFingerprint() {
        return ModelFingerprint.ofBase(this);
    }

    /** Its keys and their values. */
    public Metadata metadata() {
        return contents.metadata();
    }

    /** What was read of a file that is one part. */
    GgufContents contents() {
        if (parts.size() > 1) {
            throw new DemurException(
                    path.getFileName() + ": is split into " + parts.size() + " files; merge them first");
        }
        return contents;
    }

    /** All keys, in the order of the file. */
    public Set<String> metadataKeys() {
        return contents.metadata().keys();
    }

    /**
     * The string under this key, null where the file has no such key.
     *
     * @throws GgufException if the value is no string
     */
    public @Nullable String string(String key) {
        Given.value(key, "key");
        return contents.metadata().string(key);
    }

    /**
     * The integer of any width under this key, empty where the file has no such key.
     *
     * @throws GgufException if the value is no integer, or one beyond {@link Long#MAX_VALUE}
     */
    public OptionalLong integer(String key) {
        Given.value(key, "key");
        return contents.metadata().integer(key);
    }

    /**
     * A number of the architecture, as {@code block_count}; where there is one for each block, the largest of them; empty
     * where the file has no such key.
     *
     * @throws GgufException if the value is neither an integer nor an array of integers
     */
    public OptionalLong hyperparameter(String name) {
        Given.value(name, "name");
        return contents.metadata().largestInteger(architecture + "." + name);
    }

    /**
     * The number of any type under this key, empty where the file has no such key.
     *
     * @throws GgufException if the value is no number
     */
    public OptionalDouble number(String key) {
        Given.value(key, "key");
        return contents.metadata().number(key);
    }

    /**
     * The bool under this key, null where the file has no such key.
     *
     * @throws GgufException if the value is no bool
     */
    public @Nullable Boolean bool(String key) {
        Given.value(key, "key");
        return contents.metadata().bool(key);
    }

    /**
     * The strings of the array under this key, null where the file has no such key.
     *
     * @throws GgufException if the value is no array of strings
     */
    public @Nullable List<String> stringArray(String key) {
        Given.value(key, "key");
        return contents.metadata().strings(key);
    }

    /** What the file says about its tensors, in the order of the file. */
    public List<TensorInfo> tensors() {
        return tensors;
    }

    /** The value of {@code tokenizer.chat_template}, null where there is none. */
    public @Nullable String chatTemplate() {
        return string("tokenizer.chat_template");
    }

    /** The number of tokens in the vocabulary; 0 where the file carries none. */
    public int tokenCount() {
        return vocabulary.count();
    }

    /** A token as the file spells it: a space may be {@code ▁} or {@code Ġ}, depending on the tokenizer. */
    public String tokenText(int token) {
        return vocabulary.text(token);
    }

    /** A token's type; NORMAL for all where the file carries no types. */
    public TokenType tokenType(int token) {
        return vocabulary.type(token);
    }

    /** The id of the token that the file spells exactly so, or -1. */
    public int findToken(String text) {
        Given.value(text, "text");
        return vocabulary.find(text);
    }

    /** The type that most of its weights have, as {@code Q4_0}; {@code none} where it has no tensors. */
    public String weightType() {
        Map<String, Long> elements = new HashMap<>();
        for (TensorInfo tensor : tensors()) {
            String type = tensor.type() == null
                    ? "type " + tensor.typeId()
                    : tensor.type().name();
            elements.merge(type, tensor.elements(), Long::sum);
        }
        return elements.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("none");
    }
}
