#include "server/monitoring/enum_names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"

namespace ccplace {
namespace {

std::string Lower(absl::string_view name, absl::string_view prefix, int number) {
  if (!absl::ConsumePrefix(&name, prefix)) return absl::StrCat(number);
  return absl::AsciiStrToLower(name);
}

}  // namespace

std::string NameOf(v1::EncryptionModel model) {
  std::string word = Lower(v1::EncryptionModel_Name(model), "ENCRYPTION_MODEL_", model);
  for (char& c : word) c = c == '_' ? '-' : c;
  return word;
}

std::string NameOf(v1::Support support) {
  return Lower(v1::Support_Name(support), "SUPPORT_", support);
}

std::string NameOf(v1::CheckKind kind) {
  return Lower(v1::CheckKind_Name(kind), "CHECK_KIND_", kind);
}

std::string NameOf(v1::DomainState state) {
  return Lower(v1::DomainState_Name(state), "DOMAIN_STATE_", state);
}

std::vector<std::pair<const char*, const v1::Figure*>> FiguresOf(const v1::KeyInventory& keys) {
  return {{"total", &keys.total()},
          {"usable", &keys.usable()},
          {"in_use", &keys.in_use()},
          {"running", &keys.running()},
          {"unaccounted", &keys.unaccounted()},
          {"free", &keys.free()},
          {"peak", &keys.peak()}};
}

}  // namespace ccplace
