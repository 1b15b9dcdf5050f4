#include "client/error_text.h"

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "lib/base/text.h"

namespace ccplace {
namespace {

constexpr size_t kSentenceLimit = 2048;

google::rpc::Status DetailsOf(const absl::Status& status) {
  google::rpc::Status details;
  const auto payload = status.GetPayload(kRpcStatusUrl);
  if (!payload.has_value() || !details.ParseFromString(std::string(*payload))) details.Clear();
  return details;
}

std::string Sentence(absl::string_view text) { return Printable(text, kSentenceLimit); }

void AddBadRequest(const google::rpc::BadRequest& detail, std::vector<std::string>& lines) {
  for (const auto& violation : detail.field_violations()) {
    lines.push_back(absl::StrCat("field ", Sentence(violation.field()), ": ",
                                 Sentence(violation.description())));
  }
}

void AddPreconditions(const google::rpc::PreconditionFailure& detail,
                      std::vector<std::string>& lines) {
  for (const auto& violation : detail.violations()) {
    const std::string of =
        violation.subject().empty() ? "" : absl::StrCat(" of ", Sentence(violation.subject()));
    lines.push_back(absl::StrCat("precondition ", Sentence(violation.type()), of, ": ",
                                 Sentence(violation.description())));
  }
}

void AddErrorInfo(const google::rpc::ErrorInfo& detail, std::vector<std::string>& lines) {
  std::string line = absl::StrCat("reason: ", Sentence(detail.reason()));
  for (const auto& [key, value] : detail.metadata()) {
    absl::StrAppend(&line, ", ", Sentence(key), "=", Sentence(value));
  }
  lines.push_back(line);
}

void AddRetryInfo(const google::rpc::RetryInfo& detail, std::vector<std::string>& lines) {
  const double seconds = static_cast<double>(detail.retry_delay().seconds()) +
                         static_cast<double>(detail.retry_delay().nanos()) / 1e9;
  lines.push_back(absl::StrFormat("try again in %.1f s", seconds));
}

// Adds what `any` says if it is a `Detail`; false when it is not one.
template <typename Detail>
bool AddIf(const google::protobuf::Any& any, void (*add)(const Detail&, std::vector<std::string>&),
           std::vector<std::string>& lines) {
  Detail detail;
  if (!any.Is<Detail>() || !any.UnpackTo(&detail)) return false;
  add(detail, lines);
  return true;
}

}  // namespace

std::vector<std::string> ErrorLines(const absl::Status& status) {
  std::vector<std::string> lines;
  const google::rpc::Status details = DetailsOf(status);
  for (const google::protobuf::Any& any : details.details()) {
    const bool known = AddIf(any, AddBadRequest, lines) || AddIf(any, AddPreconditions, lines) ||
                       AddIf(any, AddErrorInfo, lines) || AddIf(any, AddRetryInfo, lines);
    if (!known) lines.push_back(absl::StrCat("detail of unknown type ", Quoted(any.type_url())));
  }
  return lines;
}

std::string ErrorReason(const absl::Status& status) {
  const google::rpc::Status details = DetailsOf(status);
  for (const google::protobuf::Any& any : details.details()) {
    google::rpc::ErrorInfo info;
    if (any.Is<google::rpc::ErrorInfo>() && any.UnpackTo(&info)) return info.reason();
  }
  return "";
}

}  // namespace ccplace
