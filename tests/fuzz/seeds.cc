// SPDX-License-Identifier: Apache-2.0
// Writes what fuzzing starts from.  Usage: fuzz_seeds FOLDER
//   FOLDER/<format>/<n>   well-formed bodies
//   FOLDER/requests/<n>, FOLDER/artifact/<kind>
//   FOLDER/pieces.dict    pieces that break things, for -dict=
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <string>
#include <utility>

#include "ensue/serve/formats/format.h"
#include "ensue/serve/formats/samples.h"
#include "ensue/serve/routes.h"
#include "ensue/serve/testing.h"

namespace {

// What the documents show of every endpoint.
void write_requests(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  int n = 0;
  for (const auto& endpoint : ensue::serve::routes()) {
    std::ofstream out(folder / std::to_string(n++), std::ios::binary);
    out << name_of(endpoint.method) << ' ' << endpoint.path;
    char before = '?';
    for (const auto& parameter : endpoint.parameters) {
      if (parameter.in != "query") continue;
      out << std::exchange(before, '&') << parameter.name << '='
          << parameter.example;
    }
    out << '\n' << endpoint.body_example;
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: fuzz_seeds FOLDER\n");
    return 2;
  }
  const std::filesystem::path root = argv[1];
  for (const auto& format : ensue::serve::formats().all()) {
    std::filesystem::create_directories(root / format.name);
    int n = 0;
    for (const auto sample : ensue::serve::samples(format.name)) {
      std::ofstream(root / format.name / std::to_string(n++), std::ios::binary)
          << sample;
    }
  }
  write_requests(root / "requests");
  std::filesystem::create_directories(root / "artifact");
  for (const char* kind : {"gru", "attention", "hstu"}) {
    ensue::serve::testing::draft_of(kind).write(root / "artifact" / kind);
  }
  std::ofstream pieces(root / "pieces.dict");
  for (const std::string_view piece : ensue::serve::nasty_pieces()) {
    pieces << '"' << std::hex << std::setfill('0');
    for (const char c : piece) {
      pieces << "\\x" << std::setw(2) << int{static_cast<unsigned char>(c)};
    }
    pieces << "\"\n";
  }
}
