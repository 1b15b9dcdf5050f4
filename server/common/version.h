// The daemon's own version.
#ifndef CCPLACE_SERVER_COMMON_VERSION_H_
#define CCPLACE_SERVER_COMMON_VERSION_H_

namespace ccplace {

// As "0.1.0"; from the build.
extern const char* const kVersion;

}  // namespace ccplace

#endif  // CCPLACE_SERVER_COMMON_VERSION_H_
