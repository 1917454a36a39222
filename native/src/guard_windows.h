// What guard.cpp needs of Visual C++'s binary interface, which llama.cpp's builds for Windows have: this file and
// guard.cpp are compiled for it (x86_64-windows-msvc), the rest of libdemur for MinGW's, and C is the same in both. Of
// the library itself three functions are used, which VCRUNTIME140.dll exports: Java brings that along.
#ifndef DEMUR_GUARD_WINDOWS_H
#define DEMUR_GUARD_WINDOWS_H

extern "C" void demur_never_called(void); // ends the process

namespace std {

// Laid out as Visual C++ does, with its order of virtual functions.
class exception {
  public:
    exception() noexcept : text(nullptr), owned(false) {}
    exception(const exception &other) noexcept : text(other.text), owned(false) {}
    virtual ~exception() noexcept {}
    virtual const char *what() const noexcept { return text != nullptr ? text : "Unknown exception"; }

  private:
    const char *text;
    [[maybe_unused]] bool owned;
};

class bad_alloc : public exception {};

} // namespace std

// Named by the tables of virtual functions and never called: no exception here is made by new.
void operator delete(void *) noexcept { demur_never_called(); }

// Each description of a type begins with this table's address, and whoever catches compares only the names.
extern "C" {
__attribute__((weak, used)) const void *demur_type_info_table[2] asm("??_7type_info@@6B@") = {nullptr, nullptr};
}

#endif
