// The one C++ file: no exception of llama.cpp crosses into C or Java. C code between here and the throw is compiled
// with -fexceptions, so it unwinds; it must hold nothing that needs cleaning up.
//
// It needs no C++ header: what it uses of the C++ library is the binary interface that GNU's and LLVM's library share,
// so that a compiler with another library of its own (zig's) makes it work with the one that llama.cpp was linked
// against.
#include <stdio.h>
#include <string.h>
#if !defined(_WIN32)
#include <dlfcn.h>
#include <unwind.h>
#endif

extern "C" {
#include "internal.h"
}

#if defined(_MSC_VER)
#include <exception>
#include <new>
#else
#pragma GCC visibility push(default)
namespace std {

// As both libraries lay them out; their tables and functions are the library's.
class exception {
  public:
    exception() noexcept {}
    exception(const exception &) = default;
    virtual ~exception() noexcept;
    virtual const char *what() const noexcept;
};

class bad_alloc : public exception {
  public:
    ~bad_alloc() noexcept override;
    const char *what() const noexcept override;
};

} // namespace std
#pragma GCC visibility pop
#endif

namespace {

// A failed assertion of llama.cpp; its own handlers of std::exception clean up after it where there are some.
class failed_assertion : public std::exception {
  public:
    explicit failed_assertion(const char *message) { snprintf(text, sizeof text, "%s", message); }
    const char *what() const noexcept override { return text; }

  private:
    char text[DEMUR_ERROR_SIZE];
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
        strcmp(found.dli_sname, "ggml_graph_compute") == 0) {
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
    fprintf(stderr, "%s\n", message);
}
