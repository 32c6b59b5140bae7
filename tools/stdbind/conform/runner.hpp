// Runs the suite: builds each language, runs its cases, and weighs the outcomes against its lists.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "conform/adapter.hpp"
#include "conform/case.hpp"
#include "conform/language.hpp"
#include "conform/verdict.hpp"

namespace stdbind::conform {

struct RunOptions {
  std::string work_directory;  ///< where the directories of the cases are made; emptied at the end
  Patience patience;
  int jobs = 2;  ///< languages, or pairs of them, at a time
  bool keep_directories = false;
  bool may_mount = true;       ///< false: no case has a small file system, as where use_own_mounts fails
  bool stop_at_first = false;  ///< for the smoke test: the cases build upon each other
};

struct LanguageResult {
  std::string language;
  std::string tool;  ///< name and version of the compiler or interpreter
  std::int64_t abi = 0;
  double seconds = 0;
  std::vector<Outcome> outcomes;      ///< one a case, in the order of the cases
  std::vector<std::string> problems;  ///< what is red without being a case: stale lines of lists, a bad goodbye

  int count(Verdict verdict) const;
  int failed() const;  ///< all red verdicts
  bool red() const { return failed() > 0 || !problems.empty(); }
};

/// The cases with a peer, in one pair of languages.
struct PairResult {
  std::string writer;  ///< of the process of the case
  std::string reader;  ///< of its peer
  double seconds = 0;
  std::vector<Outcome> outcomes;      ///< one a case with a peer, in the order of the cases
  std::vector<std::string> problems;  ///< what is red without being a case: a bad goodbye

  int count(Verdict verdict) const;
  int failed() const;  ///< all red verdicts
  bool red() const { return failed() > 0 || !problems.empty(); }
};

/// Is told how the run goes on. *threads*: called from several, never at the same time.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void building(const Language& language) = 0;
  /// `name` is that of the language, or of both, with a + between them.
  virtual void case_done(const std::string& name, const Outcome& outcome, std::size_t done, std::size_t all) = 0;
  virtual void language_done(const LanguageResult& result) = 0;
  virtual void pair_done(const PairResult& result) = 0;
};

/// Runs the cases in each language, with a second process of `peer` (or of the same language) where a case needs it.
/// `all_cases` is the whole suite: a line of a list that matches none of it is a problem.
std::vector<LanguageResult> run_suite(const std::vector<Case>& cases, const std::vector<Case>& all_cases,
                                      const std::vector<Language>& languages, const Language* peer,
                                      const RunOptions& options, Watcher& watcher);

/// Runs the cases that have a peer for all ordered pairs of the languages. A language with itself was run by run_suite
/// already: its outcomes are taken from there, and so is that it did not start.
std::vector<PairResult> run_pairs(const std::vector<Case>& cases, const std::vector<Language>& languages,
                                  const std::vector<LanguageResult>& alone, const RunOptions& options,
                                  Watcher& watcher);

/// Runs the build steps of a language. Trouble: which of them failed, and the end of what it wrote.
std::optional<Trouble> build_language(const Language& language);

/// The lines of the lists that matched nothing they could have matched.
std::vector<std::string> stale_lines(const Language& language, const std::vector<Case>& cases,
                                     const std::vector<Case>& all_cases, const std::vector<Outcome>& outcomes);

}  // namespace stdbind::conform
