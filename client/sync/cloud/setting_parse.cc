// YAML and JSON to settings, as PyYAML and Python's json module read them.
#include <regex>
#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "client/sync/cloud/setting.h"
#include "lib/base/json_read.h"
#include "lib/base/text.h"
#include "yaml-cpp/anchor.h"
#include "yaml-cpp/eventhandler.h"
#include "yaml-cpp/yaml.h"

namespace ccplace::sync {
namespace {

// Nodes after aliases are resolved: a few lines of aliases to aliases make billions.
constexpr int kNodeLimit = 20'000;
// Longer plain scalars are no number that anybody writes; std::regex uses the stack for each
// character.
constexpr size_t kTypedTextLimit = 200;

// PyYAML's implicit resolvers (yaml/resolver.py). Null is yaml-cpp's own node type.
Setting::Type TypeOfPlain(const std::string& text) {
  static const std::regex boolean(
      "yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF");
  static const std::regex integer(
      "[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|"
      "[-+]?[1-9][0-9_]*(:[0-5]?[0-9])+");
  static const std::regex real(
      "[-+]?[0-9][0-9_]*\\.[0-9_]*([eE][-+][0-9]+)?|\\.[0-9][0-9_]*([eE][-+][0-9]+)?|"
      "[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+\\.[0-9_]*|[-+]?\\.(inf|Inf|INF)|\\.(nan|NaN|NAN)");
  static const std::regex date("[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt \\t].*)?");
  if (text.size() > kTypedTextLimit) return Setting::Type::kText;
  if (std::regex_match(text, boolean)) return Setting::Type::kBool;
  if (std::regex_match(text, integer)) return Setting::Type::kNumber;
  if (std::regex_match(text, real) || std::regex_match(text, date) || text == "=") {
    return Setting::Type::kOther;
  }
  return Setting::Type::kText;
}

bool IsTrueWord(const std::string& text) {
  return absl::EqualsIgnoreCase(text, "yes") || absl::EqualsIgnoreCase(text, "true") ||
         absl::EqualsIgnoreCase(text, "on");
}

class YamlReader {
 public:
  explicit YamlReader(const std::string& file) : file_(file) {}

  absl::StatusOr<Setting> Read(const YAML::Node& node, int depth = 0) {
    Setting setting = At(node);
    if (depth > kSettingDepthLimit || ++nodes_ > kNodeLimit) {
      return Refuse(setting, "YAML", "is nested too deep, or aliases make it too large");
    }
    if (node.IsScalar()) return Scalar(node, std::move(setting));
    if (node.IsSequence()) return List(node, std::move(setting), depth);
    if (node.IsMap()) return Map(node, std::move(setting), depth);
    return setting;
  }

 private:
  Setting At(const YAML::Node& node) const {
    Setting setting;
    setting.file = file_;
    setting.line = node.Mark().line + 1;
    return setting;
  }

  // "?": plain. "!": quoted.
  static absl::StatusOr<Setting> Scalar(const YAML::Node& node, Setting setting) {
    const std::string& tag = node.Tag();
    setting.text = node.Scalar();
    setting.type = Setting::Type::kText;
    if (tag == "?") setting.type = TypeOfPlain(setting.text);
    if (setting.type == Setting::Type::kBool)
      setting.text = IsTrueWord(setting.text) ? "true" : "false";
    if (tag == "?" || tag == "!" || tag.empty() || tag == "tag:yaml.org,2002:str") return setting;
    return Refuse(setting, "YAML", "a tag other than !!str is not understood: take it away");
  }

  absl::StatusOr<Setting> List(const YAML::Node& node, Setting setting, int depth) {
    setting.type = Setting::Type::kList;
    for (const auto& entry : node) {
      absl::StatusOr<Setting> item = Read(entry, depth + 1);
      if (!item.ok()) return item;
      setting.items.push_back(*std::move(item));
    }
    return setting;
  }

  absl::StatusOr<Setting> Map(const YAML::Node& node, Setting setting, int depth) {
    setting.type = Setting::Type::kMap;
    std::map<std::string, Setting> merged;
    bool has_merge = false;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) return Refuse(At(entry.first), "YAML", "a key must be text");
      const std::string key = entry.first.Scalar();
      const bool plain = entry.first.Tag() == "?";
      absl::StatusOr<Setting> value = Read(entry.second, depth + 1);
      if (!value.ok()) return value;
      if (value->type != Setting::Type::kMap) value->line = entry.first.Mark().line + 1;
      const bool is_merge = plain && key == "<<";
      if (is_merge ? has_merge : setting.members.count(key) > 0) {
        return Refuse(At(entry.first), key, "is there twice in one map: leave one");
      }
      value->key_is_text = !plain || TypeOfPlain(key) == Setting::Type::kText;
      if (is_merge) {
        has_merge = true;
        absl::Status done = Merge(*value, merged);
        if (!done.ok()) return done;
      } else {
        setting.members.emplace(key, *std::move(value));
      }
    }
    setting.members.insert(merged.begin(), merged.end());  // What the map says itself goes first.
    return setting;
  }

  // A merge key (https://yaml.org/type/merge.html): of several maps the first goes first.
  static absl::Status Merge(const Setting& value, std::map<std::string, Setting>& merged) {
    if (value.type == Setting::Type::kMap) {
      merged.insert(value.members.begin(), value.members.end());
      return absl::OkStatus();
    }
    for (const Setting& item : value.items) {
      if (item.type != Setting::Type::kMap) return Refuse(item, "<<", "must name maps");
      merged.insert(item.members.begin(), item.members.end());
    }
    if (value.type == Setting::Type::kList) return absl::OkStatus();
    return Refuse(value, "<<", "must name a map or a list of maps");
  }

  const std::string file_;
  int nodes_ = 0;
};

// nlohmann keeps no lines: messages name the file and the key.
Setting FromJson(const std::string& file, const nlohmann::json& value) {
  Setting setting;
  setting.file = file;
  if (value.is_string()) {
    setting.type = Setting::Type::kText;
    setting.text = value.get<std::string>();
  } else if (value.is_boolean()) {
    setting.type = Setting::Type::kBool;
    setting.text = value.get<bool>() ? "true" : "false";
  } else if (value.is_number()) {
    setting.type = value.is_number_integer() ? Setting::Type::kNumber : Setting::Type::kOther;
    setting.text = value.dump();
  } else if (value.is_array()) {
    setting.type = Setting::Type::kList;
    for (const auto& item : value) setting.items.push_back(FromJson(file, item));
  } else if (value.is_object()) {
    setting.type = Setting::Type::kMap;
    for (const auto& [key, item] : value.items()) setting.members[key] = FromJson(file, item);
  }
  return setting;
}

absl::StatusOr<Setting> ParseJson(const std::string& file, const std::string& text) {
  const nlohmann::json value = nlohmann::json::parse(text, nullptr, false);
  if (!value.is_discarded() && !IsDeeperThan(value, kSettingDepthLimit)) {
    return FromJson(file, value);
  }
  return absl::InvalidArgumentError(
      absl::StrCat(Printable(file), ": is no JSON, or is nested too deep"));
}

// Takes in a document for nothing but to see that there is one.
class NoEvents : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark&, YAML::anchor_t) override {}
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}
};

// At most two documents are looked for: YAML::LoadAll (yaml-cpp 0.7) does not end on every
// malformed text, and takes memory meanwhile.
absl::StatusOr<Setting> ParseYaml(const std::string& file, const std::string& text) {
  std::istringstream stream(text);
  YAML::Parser parser(stream);
  NoEvents ignore;
  if (!parser.HandleNextDocument(ignore)) return Setting();
  if (parser.HandleNextDocument(ignore)) {
    return absl::InvalidArgumentError(
        absl::StrCat(Printable(file), ": has several YAML documents (\"---\"): leave one"));
  }
  return YamlReader(file).Read(YAML::Load(text));
}

}  // namespace

absl::StatusOr<Setting> ParseSettings(const std::string& file, const std::string& text) {
  if (absl::EndsWith(file, "json")) return ParseJson(file, text);
  try {
    return ParseYaml(file, text);
  } catch (const YAML::Exception& error) {  // Its own text may quote a value.
    return absl::InvalidArgumentError(
        absl::StrCat(Printable(file), ", line ", error.mark.line + 1, ": is no YAML"));
  }
}

}  // namespace ccplace::sync
