// SPDX-License-Identifier: Apache-2.0
#include "ensue/classic/internal/k_means.h"

#include <faiss/Clustering.h>
#include <faiss/IndexFlat.h>
#include <omp.h>

#include <algorithm>
#include <cmath>

#include "ensue/base/rng.h"
#include "ensue/base/threads.h"

namespace ensue::classic {
namespace {

constexpr int kMostRounds = 100;

// faiss and its BLAS on the calling thread alone: the runs are small, many and
// side by side.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
  ~OneThread() { omp_set_num_threads(before_); }
  OneThread(const OneThread&) = delete;

 private:
  int before_;
};

// The mean of each group's rows; an empty group keeps its centre.
void move_centres(const Points& points, std::span<const std::uint32_t> group,
                  std::vector<double>& centres) {
  const std::size_t width = points.width;
  std::vector<double> sums(centres.size(), 0),
      counts(centres.size() / width, 0);
  for (std::size_t row = 0; row < group.size(); ++row) {
    counts[group[row]] += 1;
    for (std::size_t c = 0; c < width; ++c) {
      sums[group[row] * width + c] += points.values[row * width + c];
    }
  }
  for (std::size_t i = 0; i < centres.size(); ++i) {
    if (counts[i / width] > 0) centres[i] = sums[i] / counts[i / width];
  }
}

}  // namespace

std::vector<std::uint32_t> nearest_centres(const Points& points,
                                           std::span<const double> centres) {
  const std::size_t width = points.width;
  std::vector<std::uint32_t> out(points.rows());
  parallel_for(out.size(), 512, [&](std::size_t begin, std::size_t end) {
    for (std::size_t row = begin; row < end; ++row) {
      double best = HUGE_VAL;
      for (std::size_t g = 0; g * width < centres.size(); ++g) {
        double square = 0;
        for (std::size_t c = 0; c < width; ++c) {
          const double away =
              points.values[row * width + c] - centres[g * width + c];
          square += away * away;
        }
        if (square >= best) continue;
        best = square;
        out[row] = static_cast<std::uint32_t>(g);
      }
    }
  });
  return out;
}

std::vector<double> k_means(const Points& points, std::size_t groups,
                            int starts, std::uint64_t seed) {
  const OneThread alone;
  const std::vector<float> rows(points.values.begin(), points.values.end());
  faiss::ClusteringParameters how;
  how.niter = 30;
  how.nredo = starts;
  how.seed = static_cast<int>(Rng(seed).below(1U << 30));
  how.min_points_per_centroid = 1;
  how.max_points_per_centroid = static_cast<int>(points.rows());
  faiss::Clustering clustering(static_cast<int>(points.width),
                               static_cast<int>(groups), how);
  faiss::IndexFlatL2 index(static_cast<faiss::Index::idx_t>(points.width));
  clustering.train(static_cast<faiss::Index::idx_t>(points.rows()), rows.data(),
                   index);
  std::vector<double> centres(clustering.centroids.begin(),
                              clustering.centroids.end());
  auto group = nearest_centres(points, centres);
  for (int round = 0; round < kMostRounds; ++round) {
    move_centres(points, group, centres);
    auto next = nearest_centres(points, centres);
    const bool still = next == group;
    group = std::move(next);
    if (still) break;
  }
  return centres;
}

}  // namespace ensue::classic
