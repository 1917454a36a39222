package dev.demur.readout;

import dev.demur.arguments.Given;
import dev.demur.policy.Labels;
import dev.demur.policy.ReadoutIdentity;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a loaded model is decided by.
 *
 * @param labels what there are numbers of
 * @param identity what tells this readout from others, for score files and policies
 * @param description what decides, in a few words, for people
 * @param reserved the control tokens by the labels that they stand for: no message's text ever becomes one, and no reply has one
 *     drawn; empty where labels have no tokens
 * @param judgesReply whether it judges the reply that a conversation ends with, and not whether to answer a message
 */
public record ReadoutInfo(
        Labels labels,
        ReadoutIdentity identity,
        String description,
        Map<String, Integer> reserved,
        boolean judgesReply) {

    public ReadoutInfo {
        Given.value(labels, "labels");
        Given.value(identity, "identity");
        Given.value(description, "description");
        reserved = Collections.unmodifiableMap(new LinkedHashMap<>(Given.value(reserved, "reserved")));
    }
}
