// Runs one case with one language, in a directory of its own, and judges what came of it.
#pragma once

#include <string>

#include "conform/adapter.hpp"
#include "conform/case.hpp"
#include "conform/verdict.hpp"

namespace stdbind::conform {

/// The long-lived processes of one language, and where its cases run. *threads*: one at a time.
struct Session {
  Session(const Language& language, const Language& peer_language, const std::string& directory, Patience how_long)
      : adapter(language, "", directory, how_long),
        peer(peer_language, "peer ", directory, how_long),
        work_directory(directory),
        patience(how_long),
        shared_prefix(unused_prefix()) {}

  Adapter adapter;
  Adapter peer;
  std::string work_directory;
  Patience patience;
  std::string shared_prefix;  ///< what the names of shared memory begin with, in these cases and no others
  bool keep_directories = false;
  bool may_mount = true;

 private:
  static std::string unused_prefix();
};

/// The verdict before any list is consulted: an `unsupported` answer is Verdict::Unsupported here.
Outcome run_case(const Case& one, Session& session);

}  // namespace stdbind::conform
