// Reads nova's configuration as ccplaced does, for oslo_config_test.py.
// usage: nova_config_reader HOST_ROOT   (a JSON list of paths a line; answers a JSON object a line)
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "lib/host/nova_config.h"
#include "lib/host/real_host_files.h"
#include "nlohmann/json.hpp"

namespace {

template <typename Value>
nlohmann::json OrNull(const std::optional<Value>& value) {
  return value.has_value() ? nlohmann::json(*value) : nlohmann::json();
}

nlohmann::json JsonOf(const absl::StatusOr<ccplace::NovaConfig>& nova) {
  if (!nova.ok()) {
    return {{"refused", absl::StrCat(absl::StatusCodeToString(nova.status().code()), ": ",
                                     nova.status().message())}};
  }
  return {{"cpu_mode", nova->cpu_mode},
          {"cpu_models", nova->cpu_models},
          {"virt_type", nova->virt_type},
          {"machine_type", nova->machine_type},
          {"tdx_guests", OrNull(nova->tdx_guests)},
          {"encrypted_guests", OrNull(nova->encrypted_guests)},
          {"host", OrNull(nova->host)},
          {"reserved_memory_mib", nova->reserved_memory_mib}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  const auto files = ccplace::RealHostFiles::Open(argv[1]);
  if (!files.ok()) return 1;
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto paths = nlohmann::json::parse(line).get<std::vector<std::string>>();
    std::cout << JsonOf(ccplace::ReadNovaConfig(**files, paths)).dump() << std::endl;
  }
  return 0;
}
