// The files that steer this KVM, and those where it records.
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_kvm.h"

static char guest_folder[128];

bool SwitchIsOn(const char *name) {
  char path[128];
  snprintf(path, sizeof(path), FAKE_KVM_FOLDER "/switches/%s", name);
  return access(path, F_OK) == 0;
}

// QEMU's command line names its guest: -uuid UUID. The arguments end with a zero each.
static bool ReadUuid(char *uuid, unsigned size) {
  static char line[1 << 16];
  int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  ssize_t length = read(file, line, sizeof(line) - 1);
  close(file);
  for (char *word = line; word < line + length; word += strlen(word) + 1) {
    if (strcmp(word, "-uuid") != 0) continue;
    snprintf(uuid, size, "%s", word + sizeof("-uuid"));
    return strchr(uuid, '/') == NULL;
  }
  return false;
}

__attribute__((constructor)) static void FindGuest(void) {
  char uuid[40];
  if (!ReadUuid(uuid, sizeof(uuid))) return;
  snprintf(guest_folder, sizeof(guest_folder), FAKE_KVM_FOLDER "/guests/%s", uuid);
  mkdir(guest_folder, 0755);
}

bool GuestPath(const char *name, char *path, unsigned size) {
  snprintf(path, size, "%s/%s", guest_folder, name);
  return guest_folder[0] != '\0';
}

int OpenRecord(const char *name, int flags) {
  char path[160];
  if (!GuestPath(name, path, sizeof(path))) return -1;
  return open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | flags, 0644);
}

int WriteRecord(int file, const void *data, size_t size) {
  while (size > 0) {
    ssize_t written = write(file, data, size);
    if (written <= 0) return -1;
    data = (const char *)data + written;
    size -= (size_t)written;
  }
  return 0;
}
