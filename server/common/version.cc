#include "server/common/version.h"

namespace ccplace {

const char* const kVersion = CCPLACE_VERSION;

}  // namespace ccplace
