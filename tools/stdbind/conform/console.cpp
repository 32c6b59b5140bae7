// Progress. Colour and rewriting only on a terminal, and no colour where NO_COLOR is set.
#include "conform/console.hpp"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "conform/report.hpp"
#include "conform/text.hpp"

namespace stdbind::conform {

Console::Console(bool verbose, bool show_passes)
    : verbose_(verbose), show_passes_(show_passes), terminal_(isatty(STDOUT_FILENO) == 1) {
  const char* no_colour = std::getenv("NO_COLOR");
  colour_ = terminal_ && (no_colour == nullptr || *no_colour == '\0');
}

void Console::print(const std::string& text) {
  clear_line();
  std::fputs(text.c_str(), stdout);
  show_line();
  std::fflush(stdout);
}

void Console::clear_line() {
  if (terminal_) std::fputs("\r\033[K", stdout);
}

void Console::show_line() {
  if (!terminal_) return;
  std::string line;
  for (const auto& [language, state] : states_) line += (line.empty() ? "" : "   ") + language + " " + state;
  std::fputs(shorten(line, 150).c_str(), stdout);
  std::fflush(stdout);
}

void Console::building(const Language& language) {
  if (!language.build.empty()) {
    states_[language.name] = "building";
    print(terminal_ ? "" : language.name + ": building\n");
  }
}

void Console::case_done(const std::string& name, const Outcome& outcome, std::size_t done, std::size_t all) {
  states_[name] = std::to_string(done) + "/" + std::to_string(all);
  // What stopped a language is the same for all its cases: once is enough.
  const bool told = (outcome.verdict == Verdict::Phase || outcome.text.starts_with("not run:")) &&
                    phases_shown_[name] == outcome.text;
  if (outcome.verdict != Verdict::Pass) phases_shown_[name] = outcome.text;
  if (!told && (verbose_ || show_passes_ || outcome.verdict != Verdict::Pass)) {
    print(outcome_text(name, outcome, colour_, verbose_));
  } else if (terminal_) {
    print("");
  }
}

void Console::language_done(const LanguageResult& result) {
  states_.erase(result.language);
  std::string text = result.language + ": " + std::to_string(result.count(Verdict::Pass)) + " passed, " +
                     std::to_string(result.failed()) + " failed";
  if (const int n = result.count(Verdict::Unsupported); n > 0) text += ", " + std::to_string(n) + " unsupported";
  if (const int n = result.count(Verdict::KnownFail); n > 0) text += ", " + std::to_string(n) + " known-failing";
  text += "\n";
  for (const auto& problem : result.problems) text += result.language + ": " + problem + "\n";
  print(text);
}

// The table tells of pairs; here only what stands in no table.
void Console::pair_done(const PairResult& result) {
  const auto name = result.writer + "+" + result.reader;
  states_.erase(name);
  std::string text;
  for (const auto& problem : result.problems) text += name + ": " + problem + "\n";
  if (terminal_ || !text.empty()) print(text);
}

}  // namespace stdbind::conform
