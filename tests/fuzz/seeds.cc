// SPDX-License-Identifier: Apache-2.0
// Writes what fuzzing starts from.  Usage: fuzz_seeds FOLDER
//   FOLDER/<format>/<n>   well-formed bodies
//   FOLDER/pieces.dict    pieces that break things, for -dict=
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <string>

#include "ensue/serve/formats/format.h"
#include "ensue/serve/formats/samples.h"

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
  std::ofstream pieces(root / "pieces.dict");
  for (const std::string_view piece : ensue::serve::nasty_pieces()) {
    pieces << '"' << std::hex << std::setfill('0');
    for (const char c : piece) {
      pieces << "\\x" << std::setw(2) << int{static_cast<unsigned char>(c)};
    }
    pieces << "\"\n";
  }
}
