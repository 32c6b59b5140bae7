// How a case ended in one language.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stdbind::conform {

enum class Verdict : std::uint8_t {
  Pass,
  Fail,
  KnownFail,       ///< failed, and known-failing says why
  UnexpectedPass,  ///< passed although known-failing lists it
  Unsupported,     ///< the closed capability file says why
  Crash,
  Timeout,
  Leak,
  BrokenHarness,  ///< the adapter does not keep to the protocol
  Phase           ///< the language died before any case: generate, compile, link or start
};

constexpr bool is_red(Verdict verdict) {
  return verdict != Verdict::Pass && verdict != Verdict::KnownFail && verdict != Verdict::Unsupported;
}

constexpr std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::Pass:
      return "pass";
    case Verdict::Fail:
      return "fail";
    case Verdict::KnownFail:
      return "known-fail";
    case Verdict::UnexpectedPass:
      return "unexpected-pass";
    case Verdict::Unsupported:
      return "unsupported";
    case Verdict::Crash:
      return "crash";
    case Verdict::Timeout:
      return "timeout";
    case Verdict::Leak:
      return "leak";
    case Verdict::BrokenHarness:
      return "broken harness";
    case Verdict::Phase:
      return "phase";
  }
  return "";
}

/// What kept a case from passing.
struct Trouble {
  Verdict verdict = Verdict::Fail;
  std::string phase;  ///< of Verdict::Phase; of Verdict::Unsupported: what this system does not let the runner do
  std::string text;   ///< one or several lines
};

struct Outcome {
  std::string case_name;
  Verdict verdict = Verdict::Pass;
  std::string phase;
  std::string text;                ///< why, or the reason from a list; empty for a pass
  std::string place;               ///< file:line of the step that failed
  std::string step;                ///< that step as written
  std::vector<std::string> trace;  ///< the lines that went to and fro
  std::string errors;              ///< the end of what the adapter wrote to standard error
  double seconds = 0;
};

}  // namespace stdbind::conform
