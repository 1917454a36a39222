// The one C++ file: no exception of llama.cpp crosses into C or Java. C code between here and the throw is compiled
// with -fexceptions, so it unwinds; it must hold nothing that needs cleaning up.
#include <exception>
#include <new>

extern "C" {
#include "internal.h"
}

extern "C" int32_t demur_guard(void (*body)(void *), void *call, const char *function, char *error) {
    try {
        body(call);
        return DEMUR_OK;
    } catch (const std::bad_alloc &) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory in %s.", function);
    } catch (const std::exception &exception) {
        return demur_fail(error, DEMUR_ERROR_EXCEPTION, "%s: %s", function, exception.what());
    } catch (...) {
        return demur_fail(error, DEMUR_ERROR_EXCEPTION, "%s threw something that is no std::exception.", function);
    }
}
