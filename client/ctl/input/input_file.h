// Files named on the command line.
#ifndef CCPLACE_CLIENT_CTL_INPUT_INPUT_FILE_H_
#define CCPLACE_CLIENT_CTL_INPUT_INPUT_FILE_H_

#include <istream>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "nlohmann/json_fwd.hpp"

namespace ccplace::ctl {

// The whole of a file, or of `in` where `path` is "-". Fails with the path and the system's words,
// and OUT_OF_RANGE past 512 MiB.
absl::StatusOr<std::string> ReadInput(const std::string& path, std::istream* in);

// JSON out of a file: one value, or several one after another (as a loop of `openstack image show
// -f json` prints them); arrays at the top are taken apart, and so is what the APIs answer
// ({"flavors": [...]}, pages of {"images": [...]}, {"flavor": {...}}). INVALID_ARGUMENT with the
// path and the place for what is no JSON, and for an empty file.
absl::StatusOr<std::vector<nlohmann::json>> ReadJsonObjects(const std::string& path,
                                                            std::istream* in);

// The same out of text; `origin` names it in errors.
absl::StatusOr<std::vector<nlohmann::json>> ParseJsonObjects(const std::string& text,
                                                             const std::string& origin);

}  // namespace ccplace::ctl

#endif  // CCPLACE_CLIENT_CTL_INPUT_INPUT_FILE_H_
