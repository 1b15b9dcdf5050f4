// Building what one scrape answers. Thread-safe: pure functions.
#ifndef CCPLACE_LIB_OBSERVABILITY_METRIC_FAMILY_H_
#define CCPLACE_LIB_OBSERVABILITY_METRIC_FAMILY_H_

#include <prometheus/metric_family.h>

#include <cstdint>
#include <string>
#include <vector>

namespace ccplace {

using MetricLabels = std::vector<prometheus::ClientMetric::Label>;

// An empty family. `help` is a sentence. A family that stays empty is left out of the answer's
// samples: that is how an unknown figure shows.
prometheus::MetricFamily NewGauge(std::string name, std::string help);
prometheus::MetricFamily NewCounter(std::string name, std::string help);
prometheus::MetricFamily NewHistogram(std::string name, std::string help);

// Adds a family with one sample.
void AddGauge(std::vector<prometheus::MetricFamily>& out, std::string name, std::string help,
              double value, MetricLabels labels = {});
void AddCounter(std::vector<prometheus::MetricFamily>& out, std::string name, std::string help,
                uint64_t value);

// Adds a sample to a gauge or counter. Label values may be any UTF-8; prometheus-cpp escapes them.
void AddSample(prometheus::MetricFamily& family, double value, MetricLabels labels = {});

}  // namespace ccplace

#endif  // CCPLACE_LIB_OBSERVABILITY_METRIC_FAMILY_H_
