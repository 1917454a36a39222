package dev.demur.gguf;

/** The rules that a file must keep before llama.cpp sees it, in the order in which they are checked. */
final class GgufValidator {

    private static final String ARCHITECTURE = "general.architecture";

    /** llama.cpp fetches it as a number of this type, whatever it is. */
    private static final String FILE_TYPE = "general.file_type";

    private GgufValidator() {}

    /** Checks everything but the other parts of a split model, and returns the architecture's name. */
    static String check(GgufContents contents, Vocabulary vocabulary) {
        TensorRules.check(contents);
        String architecture = contents.metadata().string(ARCHITECTURE);
        if (architecture == null) {
            throw GgufException.damaged(contents.file(), "does not name its architecture under " + ARCHITECTURE);
        }
        MetadataEntry fileType = contents.metadata().entry(FILE_TYPE);
        if (fileType != null && fileType.type() != ValueType.U32) {
            throw contents.metadata().wrongType(fileType, "u32");
        }
        HyperparameterRules.check(contents, architecture);
        RotationRules.check(contents, architecture);
        TokenizerRules.check(contents, vocabulary);
        return architecture;
    }
}
