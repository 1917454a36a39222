/* What a JDK for Windows has in its include/win32, for jni.h of a JDK that is not for Windows. */
#ifndef DEMUR_JNI_MD_H
#define DEMUR_JNI_MD_H

#define JNIEXPORT __declspec(dllexport)
#define JNIIMPORT __declspec(dllimport)
#define JNICALL /* 64-bit Windows knows one convention */

typedef int jint; /* Windows' long: 32 bits */
typedef long long jlong;
typedef signed char jbyte;

#endif
