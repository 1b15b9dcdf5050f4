#include "client/ctl/audit_engine.h"

#include <deque>
#include <future>
#include <utility>

#include "lib/request/rules.h"

namespace ccplace::ctl {
namespace {

// Lends an image to a request without a copy. Others may read the image meanwhile.
class LentImage {
 public:
  LentImage(v1::ValidateRequestRequest& request, v1::Image* image) : request_(request) {
    request_.set_allocated_image(image);
  }
  ~LentImage() { static_cast<void>(request_.release_image()); }
  LentImage(const LentImage&) = delete;
  LentImage& operator=(const LentImage&) = delete;

 private:
  v1::ValidateRequestRequest& request_;
};

AuditVerdict TakeVerdict(size_t image_group, v1::ValidateRequestResponse& answer) {
  AuditVerdict verdict;
  verdict.image_group = image_group;
  verdict.decision = answer.decision();
  verdict.model = answer.model();
  for (v1::Violation& violation : *answer.mutable_violations()) {
    verdict.violations.push_back(std::move(violation));
  }
  for (v1::Warning& warning : *answer.mutable_warnings()) {
    verdict.warnings.push_back(std::move(warning));
  }
  return verdict;
}

AuditRow JudgeRow(size_t flavor_group, const v1::Flavor& flavor,
                  const std::vector<ImageGroup>& images, const v1::HostPolicy& policy) {
  AuditRow row;
  row.flavor_group = flavor_group;
  v1::ValidateRequestRequest request;
  *request.mutable_flavor() = flavor;
  request.set_operation(v1::OPERATION_BOOT);
  v1::ValidateRequestResponse answer;
  for (size_t i = 0; i < images.size(); ++i) {
    const LentImage lent(request, images[i].settings.get());
    answer.Clear();
    JudgeRequest(request, policy, answer);
    if (answer.decision() == v1::DECISION_NOT_CONFIDENTIAL) {
      row.not_confidential += images[i].members.size();
    } else {
      row.verdicts.push_back(TakeVerdict(i, answer));
    }
  }
  return row;
}

}  // namespace

void Audit(const std::vector<FlavorGroup>& flavors, const std::vector<ImageGroup>& images,
           const v1::HostPolicy& policy, size_t jobs,
           const std::function<bool(const AuditRow&)>& on_row) {
  std::deque<std::future<AuditRow>> ahead;
  size_t next = 0;
  do {
    while (next < flavors.size() && ahead.size() < jobs) {
      const v1::Flavor& flavor = *flavors[next].settings;
      ahead.push_back(std::async(std::launch::async, [&flavor, &images, &policy, next] {
        return JudgeRow(next, flavor, images, policy);
      }));
      ++next;
    }
    if (ahead.empty()) return;
    const AuditRow row = ahead.front().get();
    ahead.pop_front();
    if (!on_row(row)) return;  // The futures left wait for their rows, each soon done.
  } while (true);
}

}  // namespace ccplace::ctl
