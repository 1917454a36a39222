/* A mutex that needs no initialisation at run time. */
#ifndef DEMUR_LOCK_H
#define DEMUR_LOCK_H

#if defined(_WIN32)
/* An SRWLOCK, by functions of system_windows.c: windows.h would take plain words such as "far" from everybody. */
typedef struct demur_lock {
    void *state;
} demur_lock;
#define DEMUR_LOCK_INITIAL                                                                                             \
    { 0 }
void demur_lock_acquire(demur_lock *lock);
void demur_lock_release(demur_lock *lock);
#else
#include <pthread.h>
typedef pthread_mutex_t demur_lock;
#define DEMUR_LOCK_INITIAL PTHREAD_MUTEX_INITIALIZER
static inline void demur_lock_acquire(demur_lock *lock) { pthread_mutex_lock(lock); }
static inline void demur_lock_release(demur_lock *lock) { pthread_mutex_unlock(lock); }
#endif

#endif
