// Answers one question for libvirt's in-process test driver, which starts trust
// domains (since 11.6) but says of no host that it can: the domain capabilities
// are those in the file $CCPLACE_LAB_DOMAIN_CAPABILITIES. All else is libvirt's.
#include <libvirt/libvirt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *virConnectGetDomainCapabilities(virConnectPtr connection, const char *emulator,
                                      const char *arch, const char *machine, const char *virt_type,
                                      unsigned int flags) {
  (void)connection, (void)emulator, (void)arch, (void)machine, (void)virt_type, (void)flags;
  static char text[1 << 20];
  FILE *file = fopen(getenv("CCPLACE_LAB_DOMAIN_CAPABILITIES"), "r");
  if (file == NULL) abort();
  text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
  fclose(file);
  return strdup(text);
}
