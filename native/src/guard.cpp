// The one C++ file: no exception of llama.cpp crosses into C or Java. C code between here and the throw is compiled
// with -fexceptions, so it unwinds; it must hold nothing that needs cleaning up.
//
// It needs no header of a C or C++ library: what it uses of the C++ library is the binary interface that GNU's and
// LLVM's library share, or on Windows that of Visual C++, so that a compiler with another library of its own (zig's)
// makes it work with the one that llama.cpp was linked against.
#include "guard.h"

#if defined(_WIN32)
#include "guard_windows.h"
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

// Of a name, because Visual C++'s interface would make one of the source's path, and other bytes in each place.
namespace demur_guarding {

// A failed assertion of llama.cpp; its own handlers of std::exception clean up after it where there are some.
class failed_assertion : public std::exception {
  public:
    explicit failed_assertion(const char *message) {
        unsigned length = 0;
        for (; length < sizeof text - 1 && message[length] != '\0'; length++) {
            text[length] = message[length];
        }
        text[length] = '\0';
    }
    const char *what() const noexcept override { return text; }

  private:
    char text[DEMUR_ERROR_SIZE];
};

class guard {
  public:
    explicit guard(demur_guarded inner) : outer(demur_guard_state()) { demur_guard_enter(inner); }
    ~guard() { demur_guard_enter(outer); }
    guard(const guard &) = delete;
    guard &operator=(const guard &) = delete;

  private:
    demur_guarded outer;
};

static int32_t run(void (*body)(void *), void *call, const char *function, char *error) {
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

} // namespace demur_guarding

using namespace demur_guarding;

extern "C" int32_t demur_guard(void (*body)(void *), void *call, const char *function, char *error) {
    const guard guard(DEMUR_GUARDED_ALWAYS);
    return run(body, call, function, error);
}

extern "C" int32_t demur_guard_threads(void (*body)(void *), void *call, const char *function, char *error) {
    const guard guard(DEMUR_GUARDED_UNLESS_COMPUTING);
    return run(body, call, function, error);
}

extern "C" void demur_assertion_failed(const char *message) {
    const demur_guarded state = demur_guard_state();
    if (state == DEMUR_GUARDED_ALWAYS || (state == DEMUR_GUARDED_UNLESS_COMPUTING && !demur_is_computing())) {
        throw failed_assertion(message);
    }
    demur_print_error(message);
}
