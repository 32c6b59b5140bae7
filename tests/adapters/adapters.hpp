// The adapters of the conformance suite, for tests that drive them with something else than the suite's own run.
#pragma once

#include <expected>
#include <string>
#include <vector>

#include "conform/language.hpp"

namespace stdbind::proof {

/// The library that the adapters run with.
enum class Core { real, with_mutants };

/// The languages that run by default, or those of the given names. What they build lies in BUILD/proof, which nothing
/// else writes to. *errors*: an adapter.toml that cannot be read, an unknown name.
std::expected<std::vector<conform::Language>, std::string> find_languages(const std::string& root,
                                                                          const std::string& build, Core core,
                                                                          const std::vector<std::string>& names);

/// An empty directory, removed with its content at the end.
class Directory {
 public:
  /// `path` must not exist, or may be removed.
  explicit Directory(std::string path);
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace stdbind::proof
