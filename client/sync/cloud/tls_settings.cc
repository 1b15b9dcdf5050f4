#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/sync/cloud/login_settings.h"
#include "client/sync/cloud/settings_files.h"
#include "lib/base/text.h"

namespace ccplace::sync {
namespace {

bool IsFolder(const std::string& path) {
  struct stat status = {};
  return stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// The path that a setting names, which must be readable.
std::string ReadPath(const Environment& environment, const char* name, SettingReader& reader) {
  const std::string text = reader.Text({name});
  if (text.empty()) return text;
  const absl::StatusOr<std::string> path = ExpandHome(environment, text);
  if (!path.ok()) {
    reader.Fault(Refuse(*reader.Raw(name), name, path.status().message()));
    return "";
  }
  if (access(path->c_str(), R_OK) == 0) return *path;
  reader.Fault(Refuse(*reader.Raw(name), name, absl::StrCat(Quoted(*path), ": ", strerror(errno))));
  return "";
}

void TakeAuthorities(const std::string& path, TlsFiles& tls) {
  (IsFolder(path) ? tls.ca_folder : tls.ca_file) = path;
}

// `insecure`: whether certificates are not to be checked.
bool ReadInsecure(SettingReader& reader) {
  const Setting* setting = reader.Raw("insecure");
  if (setting == nullptr || setting->type == Setting::Type::kNull) return false;
  const bool word = setting->type == Setting::Type::kBool || setting->type == Setting::Type::kText;
  if (word && absl::EqualsIgnoreCase(setting->text, "true")) return true;
  const bool no = absl::EqualsIgnoreCase(setting->text, "false") || setting->text.empty();
  if (!word || !no) reader.Fault(Refuse(*setting, "insecure", "must be true or false"));
  return false;
}

// `verify`: a boolean, or the authorities' file or folder.
void ReadVerify(const Setting& setting, SettingReader& reader, TlsFiles& tls) {
  if (setting.type == Setting::Type::kBool) {
    tls.insecure = tls.insecure || setting.text == "false";
    return;
  }
  const bool path = setting.type == Setting::Type::kText && access(setting.text.c_str(), R_OK) == 0;
  if (!path) {
    reader.Fault(Refuse(setting, "verify",
                        absl::StrCat(Quoted(setting.text),
                                     " is neither a boolean (true or false, "
                                     "without quotes) nor a file that can be read")));
    return;
  }
  if (tls.ca_file.empty() && tls.ca_folder.empty()) TakeAuthorities(setting.text, tls);
}

}  // namespace

void ReadTls(const Environment& environment, SettingReader& reader, CloudConfig& cloud) {
  TlsFiles& tls = cloud.tls;
  tls.insecure = ReadInsecure(reader);
  const std::string authorities = ReadPath(environment, "cacert", reader);
  if (!authorities.empty()) TakeAuthorities(authorities, tls);
  tls.certificate_file = ReadPath(environment, "cert", reader);
  tls.key_file = ReadPath(environment, "key", reader);
  const Setting* verify = reader.Raw("verify");
  if (verify != nullptr) ReadVerify(*verify, reader, tls);
  if (!tls.key_file.empty() && tls.certificate_file.empty()) {
    reader.Fault(Refuse(*reader.Raw("key"), "key", "there is no cert: name the certificate too"));
  }
}

}  // namespace ccplace::sync
