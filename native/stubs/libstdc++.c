/*
 * Stands for the system's C++ library while libdemur is linked for another system: the names that guard.cpp uses of it,
 * in the versions that libstdc++.map gives them. Nothing of it is ever run.
 */
#define FUNCTION(name)                                                                                                 \
    void name(void);                                                                                                   \
    void name(void) {}

FUNCTION(__cxa_allocate_exception)
FUNCTION(__cxa_begin_catch)
FUNCTION(__cxa_end_catch)
FUNCTION(__cxa_free_exception)
FUNCTION(__cxa_throw)
FUNCTION(__gxx_personality_v0)
FUNCTION(_ZNSt9exceptionD2Ev) /* std::exception::~exception() */
FUNCTION(_ZSt9terminatev)
FUNCTION(_ZdlPv) /* operator delete(void *) */

void *_ZTISt9bad_alloc[3];
void *_ZTISt9exception[2];
void *_ZTVN10__cxxabiv120__si_class_type_infoE[11];
