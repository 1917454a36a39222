/* The JNI side of the binding: one mechanical function for every function of demur.h, and one for class loaders. */
#include <jni.h>
#include <stdio.h>
#include <stdlib.h>

#include "demur.h"
#include "internal.h"
#include "system.h"

#define JNI(result, name) JNIEXPORT result JNICALL Java_dev_demur_bindings_JniBindings_##name
#define IGNORE(env, self) ((void)(env), (void)(self))
#define ADDRESS(value) ((void *)(intptr_t)(value))

/* Makes a native method of `class` the function for it in the library of this path; NULL, or what kept it from that. */
static jstring link_method(JNIEnv *env, jclass class, const char *path, const char *name, const char *descriptor) {
    char error[DEMUR_ERROR_SIZE], symbol[256];
    void *library = demur_library_open(path, error); /* which is loaded already, and stays */
    if (library == NULL) {
        return (*env)->NewStringUTF(env, error);
    }
    snprintf(symbol, sizeof symbol, "Java_dev_demur_bindings_JniBindings_%s", name);
    void *function = demur_library_symbol(library, symbol);
    if (function == NULL) {
        demur_fail(error, DEMUR_ERROR_LOAD, "%s has no function for %s", path, name);
        return (*env)->NewStringUTF(env, error);
    }
    const JNINativeMethod method = {(char *)name, (char *)descriptor, function};
    (*env)->RegisterNatives(env, class, &method, 1); /* leaves an exception where it fails */
    return NULL;
}

JNI(jstring, link)(JNIEnv *env, jclass class, jbyteArray path, jstring name, jstring descriptor) {
    const jsize length = (*env)->GetArrayLength(env, path);
    char *path_text = calloc((size_t)length + 1, 1);
    const char *name_text = (*env)->GetStringUTFChars(env, name, NULL);
    const char *descriptor_text = (*env)->GetStringUTFChars(env, descriptor, NULL);
    jstring problem = NULL;
    if (path_text == NULL || name_text == NULL || descriptor_text == NULL) {
        problem = (*env)->NewStringUTF(env, "out of memory");
    } else {
        (*env)->GetByteArrayRegion(env, path, 0, length, (jbyte *)path_text);
        problem = link_method(env, class, path_text, name_text, descriptor_text);
    }
    if (descriptor_text != NULL) {
        (*env)->ReleaseStringUTFChars(env, descriptor, descriptor_text);
    }
    if (name_text != NULL) {
        (*env)->ReleaseStringUTFChars(env, name, name_text);
    }
    free(path_text);
    return problem;
}

JNI(jobject, directBuffer)(JNIEnv *env, jclass class, jlong address, jlong bytes) {
    (void)class;
    return (*env)->NewDirectByteBuffer(env, ADDRESS(address), bytes);
}

JNI(jint, apiVersion)(JNIEnv *env, jobject self) {
    IGNORE(env, self);
    return demur_api_version();
}

JNI(jlong, cpuFeatures)(JNIEnv *env, jobject self) {
    IGNORE(env, self);
    return demur_cpu_features();
}

JNI(jlong, memoryAllocate)(JNIEnv *env, jobject self, jlong bytes) {
    IGNORE(env, self);
    return (jlong)(intptr_t)demur_memory_allocate(bytes);
}

JNI(void, memoryFree)(JNIEnv *env, jobject self, jlong memory) {
    IGNORE(env, self);
    demur_memory_free(ADDRESS(memory));
}

JNI(jint, runtimeOpen)(JNIEnv *env, jobject self, jlong path, jlong requiredFeatures, jlong runtime, jlong error) {
    IGNORE(env, self);
    return demur_runtime_open(ADDRESS(path), requiredFeatures, ADDRESS(runtime), ADDRESS(error));
}

JNI(jint, runtimeDescribe)
(JNIEnv *env, jobject self, jlong runtime, jlong out, jlong capacity, jlong length, jlong error) {
    IGNORE(env, self);
    return demur_runtime_describe(ADDRESS(runtime), ADDRESS(out), capacity, ADDRESS(length), ADDRESS(error));
}

JNI(jint, logRead)(JNIEnv *env, jobject self, jlong out, jlong capacity, jlong length, jlong error) {
    IGNORE(env, self);
    return demur_log_read(ADDRESS(out), capacity, ADDRESS(length), ADDRESS(error));
}

JNI(jint, chatApply)
(JNIEnv *env, jobject self, jlong runtime, jlong chatTemplate, jlong messages, jlong messagesBytes, jint messageCount,
 jint addGenerationPrompt, jlong out, jlong capacity, jlong length, jlong error) {
    IGNORE(env, self);
    return demur_chat_apply(ADDRESS(runtime), ADDRESS(chatTemplate), ADDRESS(messages), messagesBytes, messageCount,
                            addGenerationPrompt, ADDRESS(out), capacity, ADDRESS(length), ADDRESS(error));
}

JNI(jint, chatTemplateNames)
(JNIEnv *env, jobject self, jlong runtime, jlong out, jlong capacity, jlong length, jlong error) {
    IGNORE(env, self);
    return demur_chat_template_names(ADDRESS(runtime), ADDRESS(out), capacity, ADDRESS(length), ADDRESS(error));
}

JNI(jint, modelLoad)
(JNIEnv *env, jobject self, jlong runtime, jlong path, jlong devices, jint gpuLayers, jlong control, jlong model,
 jlong error) {
    IGNORE(env, self);
    return demur_model_load(ADDRESS(runtime), ADDRESS(path), ADDRESS(devices), gpuLayers, ADDRESS(control),
                            ADDRESS(model), ADDRESS(error));
}

JNI(void, modelFree)(JNIEnv *env, jobject self, jlong model) {
    IGNORE(env, self);
    demur_model_free(ADDRESS(model));
}

JNI(jint, modelNumber)(JNIEnv *env, jobject self, jlong model, jint key, jlong value, jlong error) {
    IGNORE(env, self);
    return demur_model_number(ADDRESS(model), key, ADDRESS(value), ADDRESS(error));
}

JNI(jint, modelDescribe)(JNIEnv *env, jobject self, jlong model, jlong out, jlong capacity, jlong length, jlong error) {
    IGNORE(env, self);
    return demur_model_describe(ADDRESS(model), ADDRESS(out), capacity, ADDRESS(length), ADDRESS(error));
}

JNI(jint, tokenAttributes)
(JNIEnv *env, jobject self, jlong model, jint first, jint count, jlong attributes, jlong error) {
    IGNORE(env, self);
    return demur_token_attributes(ADDRESS(model), first, count, ADDRESS(attributes), ADDRESS(error));
}

JNI(jint, tokenize)
(JNIEnv *env, jobject self, jlong model, jlong text, jint bytes, jint addSpecial, jint parseSpecial, jlong ids,
 jint capacity, jlong count, jlong error) {
    IGNORE(env, self);
    return demur_tokenize(ADDRESS(model), ADDRESS(text), bytes, addSpecial, parseSpecial, ADDRESS(ids), capacity,
                          ADDRESS(count), ADDRESS(error));
}

JNI(jint, tokenPiece)
(JNIEnv *env, jobject self, jlong model, jint token, jint special, jlong out, jlong capacity, jlong length,
 jlong error) {
    IGNORE(env, self);
    return demur_token_piece(ADDRESS(model), token, special, ADDRESS(out), capacity, ADDRESS(length), ADDRESS(error));
}

JNI(jint, contextCreate)
(JNIEnv *env, jobject self, jlong model, jint contextSize, jint cells, jint batchSize, jint sequences, jint threads,
 jlong control, jlong context, jlong error) {
    IGNORE(env, self);
    return demur_context_create(ADDRESS(model), contextSize, cells, batchSize, sequences, threads, ADDRESS(control),
                                ADDRESS(context), ADDRESS(error));
}

JNI(void, contextFree)(JNIEnv *env, jobject self, jlong context) {
    IGNORE(env, self);
    demur_context_free(ADDRESS(context));
}

JNI(jint, contextPosition)(JNIEnv *env, jobject self, jlong context, jint sequence, jlong position, jlong error) {
    IGNORE(env, self);
    return demur_context_position(ADDRESS(context), sequence, ADDRESS(position), ADDRESS(error));
}

JNI(jint, contextSize)(JNIEnv *env, jobject self, jlong context, jlong size, jlong error) {
    IGNORE(env, self);
    return demur_context_size(ADDRESS(context), ADDRESS(size), ADDRESS(error));
}

JNI(jint, contextDecode)
(JNIEnv *env, jobject self, jlong context, jint count, jlong tokens, jlong positions, jlong sequences, jlong outputs,
 jlong error) {
    IGNORE(env, self);
    return demur_context_decode(ADDRESS(context), count, ADDRESS(tokens), ADDRESS(positions), ADDRESS(sequences),
                                ADDRESS(outputs), ADDRESS(error));
}

JNI(jint, contextRead)
(JNIEnv *env, jobject self, jlong context, jint index, jint kernel, jlong ids, jint idCount, jdouble temperature,
 jlong out, jlong error) {
    IGNORE(env, self);
    return demur_context_read(ADDRESS(context), index, kernel, ADDRESS(ids), idCount, temperature, ADDRESS(out),
                              ADDRESS(error));
}

JNI(jint, contextRemove)(JNIEnv *env, jobject self, jlong context, jint sequence, jint from, jint to, jlong error) {
    IGNORE(env, self);
    return demur_context_remove(ADDRESS(context), sequence, from, to, ADDRESS(error));
}

JNI(jint, contextShare)(JNIEnv *env, jobject self, jlong context, jint from, jint to, jint count, jlong error) {
    IGNORE(env, self);
    return demur_context_share(ADDRESS(context), from, to, count, ADDRESS(error));
}

JNI(jint, contextSave)
(JNIEnv *env, jobject self, jlong context, jint sequence, jlong out, jlong capacity, jlong bytes, jlong error) {
    IGNORE(env, self);
    return demur_context_save(ADDRESS(context), sequence, ADDRESS(out), capacity, ADDRESS(bytes), ADDRESS(error));
}

JNI(jint, contextRestore)
(JNIEnv *env, jobject self, jlong context, jint sequence, jlong in, jlong bytes, jint count, jlong error) {
    IGNORE(env, self);
    return demur_context_restore(ADDRESS(context), sequence, ADDRESS(in), bytes, count, ADDRESS(error));
}

JNI(jint, contextSample)
(JNIEnv *env, jobject self, jlong context, jlong sampler, jint index, jlong next, jlong error) {
    IGNORE(env, self);
    return demur_context_sample(ADDRESS(context), ADDRESS(sampler), index, ADDRESS(next), ADDRESS(error));
}

JNI(jint, contextStep)
(JNIEnv *env, jobject self, jlong context, jint count, jlong tokens, jlong sequences, jlong samplers, jlong next,
 jlong error) {
    IGNORE(env, self);
    return demur_context_step(ADDRESS(context), count, ADDRESS(tokens), ADDRESS(sequences), ADDRESS(samplers),
                              ADDRESS(next), ADDRESS(error));
}

JNI(jint, kernelSupported)(JNIEnv *env, jobject self, jint kernel) {
    IGNORE(env, self);
    return demur_kernel_supported(kernel);
}

JNI(jint, kernelBest)(JNIEnv *env, jobject self, jint cap) {
    IGNORE(env, self);
    return demur_kernel_best(cap);
}

JNI(jint, readout)
(JNIEnv *env, jobject self, jint kernel, jlong row, jint vocabulary, jlong ids, jint idCount, jdouble temperature,
 jlong out, jlong error) {
    IGNORE(env, self);
    return demur_readout(kernel, ADDRESS(row), vocabulary, ADDRESS(ids), idCount, temperature, ADDRESS(out),
                         ADDRESS(error));
}

JNI(jint, contextGraph)(JNIEnv *env, jobject self, jlong context, jlong ids, jint idCount, jlong error) {
    IGNORE(env, self);
    return demur_context_graph(ADDRESS(context), ADDRESS(ids), idCount, ADDRESS(error));
}

JNI(jint, contextPolicy)
(JNIEnv *env, jobject self, jlong context, jint sequence, jint mode, jdouble temperature, jlong thresholds, jlong order,
 jlong error) {
    IGNORE(env, self);
    return demur_context_policy(ADDRESS(context), sequence, mode, temperature, ADDRESS(thresholds), ADDRESS(order),
                                ADDRESS(error));
}

JNI(jint, contextNumbers)(JNIEnv *env, jobject self, jlong context, jint index, jlong out, jlong error) {
    IGNORE(env, self);
    return demur_context_numbers(ADDRESS(context), index, ADDRESS(out), ADDRESS(error));
}

JNI(jint, contextHidden)
(JNIEnv *env, jobject self, jlong context, jlong layers, jlong poolings, jint count, jlong error) {
    IGNORE(env, self);
    return demur_context_hidden(ADDRESS(context), ADDRESS(layers), ADDRESS(poolings), count, ADDRESS(error));
}

JNI(jint, contextHiddenRange)
(JNIEnv *env, jobject self, jlong context, jint sequence, jint from, jint to, jlong kept, jlong error) {
    IGNORE(env, self);
    return demur_context_hidden_range(ADDRESS(context), sequence, from, to, ADDRESS(kept), ADDRESS(error));
}

JNI(jint, contextHiddenRead)(JNIEnv *env, jobject self, jlong context, jint sequence, jlong out, jlong error) {
    IGNORE(env, self);
    return demur_context_hidden_read(ADDRESS(context), sequence, ADDRESS(out), ADDRESS(error));
}

JNI(jint, samplerCreate)
(JNIEnv *env, jobject self, jlong model, jint kernel, jdouble temperature, jint topK, jdouble topP, jdouble minP,
 jdouble repeat, jdouble frequency, jdouble presence, jint penaltyLast, jlong seed, jlong masked, jint maskedCount,
 jlong sampler, jlong error) {
    IGNORE(env, self);
    return demur_sampler_create(ADDRESS(model), kernel, temperature, topK, topP, minP, repeat, frequency, presence,
                                penaltyLast, seed, ADDRESS(masked), maskedCount, ADDRESS(sampler), ADDRESS(error));
}

JNI(void, samplerFree)(JNIEnv *env, jobject self, jlong sampler) {
    IGNORE(env, self);
    demur_sampler_free(ADDRESS(sampler));
}

JNI(jint, samplerAllow)(JNIEnv *env, jobject self, jlong sampler, jlong allowed, jlong error) {
    IGNORE(env, self);
    return demur_sampler_allow(ADDRESS(sampler), ADDRESS(allowed), ADDRESS(error));
}

JNI(jint, samplerAccept)(JNIEnv *env, jobject self, jlong sampler, jint token, jlong error) {
    IGNORE(env, self);
    return demur_sampler_accept(ADDRESS(sampler), token, ADDRESS(error));
}
