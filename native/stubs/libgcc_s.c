/* Stands for the system's unwinder, as libstdc++.c for its C++ library. */
#define FUNCTION(name)                                                                                                 \
    void name(void);                                                                                                   \
    void name(void) {}

FUNCTION(_Unwind_Backtrace)
FUNCTION(_Unwind_GetIP)
FUNCTION(_Unwind_Resume)
