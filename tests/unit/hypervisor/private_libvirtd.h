// A real libvirtd of the test's own, which can be stopped and killed.
#ifndef CCPLACE_TESTS_UNIT_HYPERVISOR_PRIVATE_LIBVIRTD_H_
#define CCPLACE_TESTS_UNIT_HYPERVISOR_PRIVATE_LIBVIRTD_H_

#include <sys/types.h>

#include <string>

namespace ccplace {

// Debian's libvirtd in a mount namespace of its own (nothing of the host's libvirt is touched),
// serving its test driver on a socket in a temporary folder. Needs root. Not thread-safe.
class PrivateLibvirtd {
 public:
  // `auth`: what it asks of who connects to change anything ("none", "sasl"). With "sasl" it wants
  // a user's name and password.
  explicit PrivateLibvirtd(const std::string& auth = "none");
  ~PrivateLibvirtd();
  PrivateLibvirtd(const PrivateLibvirtd&) = delete;
  PrivateLibvirtd& operator=(const PrivateLibvirtd&) = delete;

  // Starts it and waits until it answers; false after ten seconds.
  bool Start();
  // Ends it at once, as a crash would.
  void Kill();
  // Stops and continues it: it takes connections (the kernel does) and answers nothing.
  void Pause() const;
  void Continue() const;

  std::string uri() const;
  std::string read_only_uri() const;

 private:
  std::string socket() const { return folder_ + "/libvirt-sock"; }

  std::string folder_;
  pid_t pid_ = 0;
};

}  // namespace ccplace

#endif  // CCPLACE_TESTS_UNIT_HYPERVISOR_PRIVATE_LIBVIRTD_H_
