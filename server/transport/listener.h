// A socket that is listened on.
#ifndef CCPLACE_SERVER_TRANSPORT_LISTENER_H_
#define CCPLACE_SERVER_TRANSPORT_LISTENER_H_

namespace ccplace {

// Owns its descriptor, which does not block. Not thread-safe.
class Listener {
 public:
  virtual ~Listener();
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  int fd() const { return fd_; }

 protected:
  explicit Listener(int fd) : fd_(fd) {}

 private:
  const int fd_;
};

}  // namespace ccplace

#endif  // CCPLACE_SERVER_TRANSPORT_LISTENER_H_
