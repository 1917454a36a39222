/*
 * Stands for Windows' library about networks while Java runs under wine: wine 8 lacks a function that Java 21 and later
 * calls for its random seed. There is no network in these tests.
 */
#define NOT_SUPPORTED(name)                                                                                            \
    __declspec(dllexport) unsigned long name(void);                                                                    \
    unsigned long name(void) { return 50; }

NOT_SUPPORTED(FreeMibTable)
NOT_SUPPORTED(GetAdaptersAddresses)
NOT_SUPPORTED(GetAnycastIpAddressTable)
NOT_SUPPORTED(GetIfEntry2)
NOT_SUPPORTED(GetIfTable2)
NOT_SUPPORTED(GetUnicastIpAddressTable)
NOT_SUPPORTED(NotifyAddrChange)
NOT_SUPPORTED(if_nametoindex)

int DllMainCRTStartup(void);
int DllMainCRTStartup(void) { return 1; }
