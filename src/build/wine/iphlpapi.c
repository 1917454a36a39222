/*
 * Stands for Windows' library about networks while Java runs under wine: wine 8 lacks a function that Java 21 and later
 * calls for its random seed, and others crash where the machine has an IPv6 address. There is no network in these tests.
 */
#define NOT_SUPPORTED(name)                                                                                            \
    __declspec(dllexport) unsigned long name(void);                                                                    \
    unsigned long name(void) { return 50; }

/* Tables begin with the number of their rows, and have none. */
#define EMPTY_TABLE(name)                                                                                              \
    __declspec(dllexport) unsigned long name(unsigned long *rows);                                                     \
    unsigned long name(unsigned long *rows) {                                                                          \
        *rows = 0;                                                                                                     \
        return 0;                                                                                                      \
    }

NOT_SUPPORTED(FreeMibTable)
NOT_SUPPORTED(GetAdaptersAddresses)
NOT_SUPPORTED(GetAnycastIpAddressTable)
NOT_SUPPORTED(GetIfEntry2)
NOT_SUPPORTED(GetIfTable2)
NOT_SUPPORTED(GetUnicastIpAddressTable)
NOT_SUPPORTED(NotifyAddrChange)
NOT_SUPPORTED(if_nametoindex)

EMPTY_TABLE(GetIfTable)
EMPTY_TABLE(GetIpAddrTable)

int DllMainCRTStartup(void);
int DllMainCRTStartup(void) { return 1; }
