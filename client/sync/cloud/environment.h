// Environment variables, as far as logging in to a cloud looks at them. Thread-safe.
#ifndef CCPLACE_CLIENT_SYNC_CLOUD_ENVIRONMENT_H_
#define CCPLACE_CLIENT_SYNC_CLOUD_ENVIRONMENT_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace ccplace::sync {

// Variables by name. Holds secrets: never log a value.
using Environment = std::map<std::string, std::string>;

// The OS_* variables of this process and those that say where files are, each with the value that
// `lookup` has for it; without a value it is left out.
Environment CollectEnvironment(
    const std::function<std::optional<std::string>(const char* name)>& lookup);

// The value; empty when unset.
std::string VariableOf(const Environment& environment, const std::string& name);

// The variables that describe a cloud by themselves: OS_*, but for those that only select one or
// that belong to other programs (OS_TEST*, OS_STD*, OS_LOG*), as openstacksdk has it.
std::vector<std::string> CloudVariables(const Environment& environment);

}  // namespace ccplace::sync

#endif  // CCPLACE_CLIENT_SYNC_CLOUD_ENVIRONMENT_H_
