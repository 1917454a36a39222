/**
 * Native-accelerated decoding with calibrated refusals.
 *
 * <p>What is exported here is the API to depend on; all else may change with any release. The qualified exports are for the
 * command line and the desktop application alone.
 *
 * <p>llama.cpp's libraries come from an artifact without a module of its own, which is found on the class path or by
 * {@code --add-modules llama}; the native code needs {@code --enable-native-access=dev.demur}.
 */
@SuppressWarnings("module") // the application's jar is not there when this is compiled
module dev.demur {
    requires com.google.gson;
    requires org.apache.commons.numbers.gamma;
    requires static transitive org.jspecify;

    exports dev.demur;
    exports dev.demur.calibration;
    exports dev.demur.dataset;
    exports dev.demur.evaluation;
    exports dev.demur.fit;
    exports dev.demur.gguf;
    exports dev.demur.grammar;
    exports dev.demur.inspect;
    exports dev.demur.llama;
    exports dev.demur.monitor;
    exports dev.demur.policy;
    exports dev.demur.readout;
    exports dev.demur.readout.words;
    exports dev.demur.scoring;
    exports dev.demur.statistics;
    exports dev.demur.bindings to
            dev.demur.app;
    exports dev.demur.internal to
            dev.demur.app;
    exports dev.demur.json to
            dev.demur.app;
    exports dev.demur.llama.internal to
            dev.demur.app;
    exports dev.demur.readout.internal to
            dev.demur.app;
    exports dev.demur.readout.words.internal to
            dev.demur.app;
}
