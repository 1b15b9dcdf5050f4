#include "server/transport/listener.h"

#include <unistd.h>

namespace ccplace {

Listener::~Listener() { close(fd_); }

}  // namespace ccplace
