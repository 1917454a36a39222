// The one C++ file: no exception of llama.cpp crosses into C or Java. C code between here and the throw is compiled
// with -fexceptions, so it unwinds; it must hold nothing that needs cleaning up.
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <stdexcept>
#if !defined(_WIN32)
#include <dlfcn.h>
#include <unwind.h>
#endif

extern "C" {
#include "internal.h"
}

namespace {

// A failed assertion of llama.cpp; its own handlers of std::exception clean up after it where there are some.
class failed_assertion : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

enum class guarded { no, unless_computing, always };
thread_local guarded state = guarded::no;

class guard {
  public:
    explicit guard(guarded inner) : outer(state) { state = inner; }
    ~guard() { state = outer; }
    guard(const guard &) = delete;
    guard &operator=(const guard &) = delete;

  private:
    guarded outer;
};

#if defined(_WIN32)
bool is_computing() { return true; }
#else
_Unwind_Reason_Code look_at(_Unwind_Context *frame, void *computing) {
    Dl_info found;
    // The address is the one to return to, which may lie behind a function that ends with a call.
    if (dladdr(reinterpret_cast<void *>(_Unwind_GetIP(frame) - 1), &found) != 0 && found.dli_sname != nullptr &&
        std::strcmp(found.dli_sname, "ggml_graph_compute") == 0) {
        *static_cast<bool *>(computing) = true;
        return _URC_END_OF_STACK;
    }
    return _URC_NO_REASON;
}

// Whether this thread is one of those that compute.
bool is_computing() {
    bool computing = false;
    _Unwind_Backtrace(look_at, &computing);
    return computing;
}
#endif

int32_t run(void (*body)(void *), void *call, const char *function, char *error) {
    try {
        body(call);
        return DEMUR_OK;
    } catch (const failed_assertion &failure) {
        return demur_fail(error, DEMUR_ERROR_ASSERTION, "%s: llama.cpp gave up at %s", function, failure.what());
    } catch (const std::bad_alloc &) {
        return demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory in %s.", function);
    } catch (const std::exception &exception) {
        return demur_fail(error, DEMUR_ERROR_EXCEPTION, "%s: %s", function, exception.what());
    } catch (...) {
        return demur_fail(error, DEMUR_ERROR_EXCEPTION, "%s threw something that is no std::exception.", function);
    }
}

} // namespace

extern "C" int32_t demur_guard(void (*body)(void *), void *call, const char *function, char *error) {
    const guard guard(guarded::always);
    return run(body, call, function, error);
}

extern "C" int32_t demur_guard_threads(void (*body)(void *), void *call, const char *function, char *error) {
    const guard guard(guarded::unless_computing);
    return run(body, call, function, error);
}

extern "C" void demur_assertion_failed(const char *message) {
    if (state == guarded::always || (state == guarded::unless_computing && !is_computing())) {
        throw failed_assertion(message);
    }
    std::fprintf(stderr, "%s\n", message);
}
