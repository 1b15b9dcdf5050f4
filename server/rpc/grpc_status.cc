#include "server/rpc/grpc_status.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "lib/base/status.h"
#include "lib/base/text.h"
#include "lib/lifecycle/reasons.h"

namespace ccplace {
namespace {

constexpr char kErrorDomain[] = "ccplace";
constexpr int kRetryDelaySeconds = 1;
// Room kept for the entry that counts those left out.
constexpr size_t kRestEntryBytes = 128;

void AddDetail(const google::protobuf::Message& detail, google::rpc::Status& out) {
  // Fails only for a message of 2 GiB.
  static_cast<void>(out.add_details()->PackFrom(detail));
}

void AddReason(const absl::Status& status, google::rpc::Status& out) {
  const std::string reason = ReasonOf(status);
  if (reason.empty()) return;
  google::rpc::ErrorInfo info;
  info.set_reason(reason);
  info.set_domain(kErrorDomain);
  AddDetail(info, out);
}

void AddPrecondition(const absl::Status& status, google::rpc::Status& out) {
  const std::string reason = ReasonOf(status);
  if (!absl::IsFailedPrecondition(status) || reason.empty()) return;
  google::rpc::PreconditionFailure failure;
  auto& violation = *failure.add_violations();
  violation.set_type(reason);
  violation.set_subject(Printable(SubjectOf(status), 256));
  violation.set_description(Printable(status.message(), 512));
  AddDetail(failure, out);
}

// Keys do not free themselves within a retry's delay: that one is no case for RetryInfo.
void AddRetry(const absl::Status& status, google::rpc::Status& out) {
  const bool queue_full =
      absl::IsResourceExhausted(status) && ReasonOf(status) != reasons::kNoFreeKey;
  if (!absl::IsUnavailable(status) && !queue_full) return;
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(kRetryDelaySeconds);
  AddDetail(retry, out);
}

// As many fields as there is room for; what is left out is counted.
void AddFields(const absl::Status& status, google::rpc::Status& out) {
  const std::vector<FieldError> errors = FieldErrorsOf(status);
  if (errors.empty()) return;
  google::rpc::BadRequest request;
  const size_t room = kWireDetailsLimit - out.ByteSizeLong() - kRestEntryBytes;
  for (size_t i = 0; i < errors.size(); ++i) {
    auto& violation = *request.add_field_violations();
    violation.set_field(Printable(errors[i].field, 256));
    violation.set_description(Printable(errors[i].description, 512));
    if (request.ByteSizeLong() <= room) continue;
    violation.clear_field();
    violation.set_description(absl::StrCat(errors.size() - i, " more; correct these first"));
    break;
  }
  AddDetail(request, out);
}

}  // namespace

grpc::StatusCode ToGrpcCode(absl::StatusCode code) {
  const int number = static_cast<int>(code);
  const bool known = number >= grpc::StatusCode::OK && number <= grpc::StatusCode::UNAUTHENTICATED;
  return known ? static_cast<grpc::StatusCode>(number) : grpc::StatusCode::UNKNOWN;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  const grpc::StatusCode code = ToGrpcCode(status.code());
  const std::string message = Printable(status.message(), kWireMessageLimit);
  google::rpc::Status wire;
  AddReason(status, wire);
  AddRetry(status, wire);
  AddPrecondition(status, wire);
  if (wire.details().empty() && FieldErrorsOf(status).empty()) return grpc::Status(code, message);
  wire.set_code(code);
  wire.set_message(message);
  AddFields(status, wire);
  return grpc::Status(code, message, wire.SerializeAsString());
}

}  // namespace ccplace
