# A toolchain for CMake: libdemur for another system, by the compiler that native/fetch-zig brings. native/cross sets
# DEMUR_ZIG, the program; DEMUR_ZIG_TARGET, its name of the system with the oldest glibc that it may have; and
# DEMUR_ZIG_LIBRARIES, the folder with what stands for that system's C++ library.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES DEMUR_ZIG DEMUR_ZIG_TARGET DEMUR_ZIG_LIBRARIES)
string(REGEX MATCH "^[^-]+" CMAKE_SYSTEM_PROCESSOR "${DEMUR_ZIG_TARGET}")
set(CMAKE_SYSTEM_NAME Linux)

# Without the checks that this compiler adds by itself.
set(CMAKE_C_COMPILER "${DEMUR_ZIG}" cc -target ${DEMUR_ZIG_TARGET} -fno-sanitize=all)
# Not its c++, which would link a C++ library of its own: what llama.cpp throws belongs to the system's.
set(CMAKE_CXX_COMPILER "${DEMUR_ZIG}" cc -target ${DEMUR_ZIG_TARGET} -fno-sanitize=all)
set(CMAKE_CXX_FLAGS_INIT "-nostdinc++ -fno-sized-deallocation")
# By their files: at the name stdc++ this compiler builds and links its own.
set(CMAKE_CXX_STANDARD_LIBRARIES "\"${DEMUR_ZIG_LIBRARIES}/libstdc++.so\" \"${DEMUR_ZIG_LIBRARIES}/libgcc_s.so\"")
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-s -Wl,-z,relro,-z,now -Wl,--build-id=none")
# A trial program in C++ would want what only the real libraries have.
set(CMAKE_CXX_COMPILER_WORKS ON)
