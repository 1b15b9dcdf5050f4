#include "client/ctl/catalog_audit/catalog_audit.h"

#include <deque>
#include <future>
#include <utility>

#include "client/ctl/input/image_devices.h"
#include "lib/request/request_facts.h"
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

bool Keeps(VerdictFilter keep, const BriefVerdict& verdict) {
  if (keep == VerdictFilter::kNone) return false;
  if (verdict.decision == v1::DECISION_NOT_CONFIDENTIAL) return !verdict.mistakes.empty();
  return keep == VerdictFilter::kConfidential || verdict.decision == v1::DECISION_REJECTED;
}

std::vector<rules::Settings> ReadImages(const std::vector<ImageGroup>& images) {
  std::vector<rules::Settings> all;
  all.reserve(images.size());
  for (const ImageGroup& group : images) all.emplace_back(*group.settings);
  return all;
}

// What every row needs.
struct Task {
  const std::vector<FlavorGroup>& flavors;
  const std::vector<ImageGroup>& images;
  const std::vector<rules::Settings> image_settings;  // Of `images`, read once for all rows.
  const v1::HostPolicy& policy;
  const VerdictFilter keep;
};

AuditRow EvaluateRow(const Task& task, size_t flavor_group) {
  const FlavorGroup& flavors = task.flavors[flavor_group];
  AuditRow row;
  row.flavor_group = flavor_group;
  v1::ValidateRequestRequest request;
  *request.mutable_flavor() = *flavors.settings;
  request.set_operation(v1::OPERATION_BOOT);
  const rules::Settings flavor_settings(request.flavor());
  for (size_t i = 0; i < task.images.size(); ++i) {
    const ImageGroup& images = task.images[i];
    const LentImage lent(request, images.settings.get());
    request.clear_block_devices();
    AddDevicesOfImage(images.devices, request);
    const rules::RequestFacts facts(request, task.policy, flavor_settings, task.image_settings[i]);
    const BriefVerdict verdict = EvaluateBriefly(facts);
    row.totals.Count(verdict, flavors.members.size() * images.members.size());
    if (Keeps(task.keep, verdict)) row.verdicts.push_back({i, EvaluateInSentences(facts)});
  }
  return row;
}

}  // namespace

void AuditCatalog(const std::vector<FlavorGroup>& flavors, const std::vector<ImageGroup>& images,
                  const v1::HostPolicy& policy, VerdictFilter keep, size_t jobs,
                  const std::function<bool(const AuditRow&)>& on_row) {
  const Task task = {flavors, images, ReadImages(images), policy, keep};
  std::deque<std::future<AuditRow>> ahead;
  size_t next = 0;
  do {
    while (next < flavors.size() && ahead.size() < jobs) {
      ahead.push_back(
          std::async(std::launch::async, [&task, next] { return EvaluateRow(task, next); }));
      ++next;
    }
    if (ahead.empty()) return;
    const AuditRow row = ahead.front().get();
    ahead.pop_front();
    if (!on_row(row)) return;  // The futures left wait for their rows, each soon done.
  } while (true);
}

}  // namespace ccplace::ctl
