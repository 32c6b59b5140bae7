// The progress of a run on standard output: one line that is rewritten on a terminal, plain lines otherwise.
#pragma once

#include <map>
#include <string>

#include "conform/runner.hpp"

namespace stdbind::conform {

class Console : public Watcher {
 public:
  /// `verbose`: every case with its whole trace. `quiet_passes`: false shows passed cases too.
  Console(bool verbose, bool show_passes);

  void building(const Language& language) override;
  void case_done(const std::string& name, const Outcome& outcome, std::size_t done, std::size_t all) override;
  void language_done(const LanguageResult& result) override;
  void pair_done(const PairResult& result) override;

  bool colour() const { return colour_; }

 private:
  void clear_line();
  void show_line();
  void print(const std::string& text);

  bool verbose_;
  bool show_passes_;
  bool terminal_;
  bool colour_;
  std::map<std::string, std::string> states_;
  std::map<std::string, std::string> phases_shown_;
};

}  // namespace stdbind::conform
