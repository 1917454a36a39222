/* A mutex that needs no initialisation at run time. */
#ifndef DEMUR_LOCK_H
#define DEMUR_LOCK_H

#if defined(_WIN32)
#include <windows.h>
typedef SRWLOCK demur_lock;
#define DEMUR_LOCK_INITIAL SRWLOCK_INIT
static inline void demur_lock_acquire(demur_lock *lock) { AcquireSRWLockExclusive(lock); }
static inline void demur_lock_release(demur_lock *lock) { ReleaseSRWLockExclusive(lock); }
#else
#include <pthread.h>
typedef pthread_mutex_t demur_lock;
#define DEMUR_LOCK_INITIAL PTHREAD_MUTEX_INITIALIZER
static inline void demur_lock_acquire(demur_lock *lock) { pthread_mutex_lock(lock); }
static inline void demur_lock_release(demur_lock *lock) { pthread_mutex_unlock(lock); }
#endif

#endif
