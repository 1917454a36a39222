# A toolchain for CMake: libdemur for another system, by the compiler that native/fetch-zig brings. native/cross sets
# DEMUR_ZIG, the program; DEMUR_ZIG_TARGET, its name of the system with the oldest release of it that will do; and
# DEMUR_ZIG_LIBRARIES, the folder with what stands for that system's C++ library.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES DEMUR_ZIG DEMUR_ZIG_TARGET DEMUR_ZIG_LIBRARIES)
string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR "${DEMUR_ZIG_TARGET}")
get_filename_component(demur_zig_folder "${DEMUR_ZIG}" DIRECTORY)

# Without the checks that this compiler adds by itself.
set(CMAKE_C_COMPILER "${DEMUR_ZIG}" cc -target ${DEMUR_ZIG_TARGET} -fno-sanitize=all)
# Not its c++, which would link a C++ library of its own: what llama.cpp throws belongs to the system's.
set(CMAKE_CXX_COMPILER "${DEMUR_ZIG}" cc -target ${DEMUR_ZIG_TARGET} -fno-sanitize=all)
set(CMAKE_CXX_FLAGS_INIT "-nostdinc++ -fno-sized-deallocation")
# What CMake would find out by trial programs is known: they would want what only the real libraries have, and the first
# of them would compile half a C library.
foreach(language C CXX)
  set(CMAKE_${language}_COMPILER_FORCED ON)
  set(CMAKE_${language}_COMPILER_ID_RUN ON)
  set(CMAKE_${language}_COMPILER_ID Clang)
  set(CMAKE_${language}_COMPILER_VERSION 20)
  set(CMAKE_${language}_COMPILER_FRONTEND_VARIANT GNU)
  set(CMAKE_${language}_STANDARD_COMPUTED_DEFAULT 17)
endforeach()
set(CMAKE_SIZEOF_VOID_P 8)
set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)

if(DEMUR_ZIG_TARGET MATCHES "-linux-")
  set(CMAKE_SYSTEM_NAME Linux)
  # Of so old a system threads are a library of their own.
  set(CMAKE_HAVE_LIBC_PTHREAD OFF)
  set(CMAKE_HAVE_PTHREADS_CREATE OFF)
  set(CMAKE_HAVE_PTHREAD_CREATE ON)
  # By their files: at the name stdc++ this compiler builds and links its own.
  set(CMAKE_CXX_STANDARD_LIBRARIES "\"${DEMUR_ZIG_LIBRARIES}/libstdc++.so\" \"${DEMUR_ZIG_LIBRARIES}/libgcc_s.so\"")
  set(CMAKE_C_STANDARD_LIBRARIES "\"${DEMUR_ZIG_LIBRARIES}/libgcc_s.so\"")
  set(CMAKE_SHARED_LINKER_FLAGS_INIT "-s -Wl,-z,relro,-z,now -Wl,--build-id=none")
elseif(DEMUR_ZIG_TARGET MATCHES "-macos")
  set(CMAKE_SYSTEM_NAME Darwin)
  set(CMAKE_HAVE_LIBC_PTHREAD ON)
  set(CMAKE_OSX_SYSROOT "")
  set(CMAKE_OSX_DEPLOYMENT_TARGET "")
  # Apple's tools that CMake asks for, and that only an installation would use.
  set(CMAKE_INSTALL_NAME_TOOL "/bin/true")
  set(CMAKE_CXX_STANDARD_LIBRARIES "\"${DEMUR_ZIG_LIBRARIES}/libc++.tbd\"")
  set(CMAKE_SHARED_LINKER_FLAGS_INIT "-s")
else()
  set(CMAKE_SYSTEM_NAME Windows)
  set(CMAKE_C_PLATFORM_ID MinGW)
  set(CMAKE_CXX_PLATFORM_ID MinGW)
  set(CMAKE_RC_COMPILER "/bin/false")
  # What crosses this border was thrown by Visual C++'s library, which MinGW's does not catch.
  set(DEMUR_GUARD_COMPILER "${DEMUR_ZIG}" cc -target x86_64-windows-msvc -nostdinc
      -isystem "${demur_zig_folder}/lib/include" -fno-sanitize=all)
  # In the cache, or CMake would put its own there: a dozen libraries that nothing here needs.
  set(CMAKE_C_STANDARD_LIBRARIES "\"${DEMUR_ZIG_LIBRARIES}/vcruntime140.lib\"" CACHE STRING "")
  set(CMAKE_SHARED_LINKER_FLAGS_INIT "-s")
  # As the library, or the compiler would make its part of the C library a second time.
  set(CMAKE_EXE_LINKER_FLAGS_INIT "-s")
endif()
