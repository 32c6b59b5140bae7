// Reports. What is unsupported or known to fail is always counted apart, so that it never looks green.
#include "conform/report.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "conform/text.hpp"

namespace stdbind::conform {
namespace {

constexpr std::size_t trace_lines_shown = 10;

enum class Colour : std::uint8_t { Red, Green, Yellow, Bold };

std::string paint(const std::string& text, Colour colour, bool on) {
  if (!on) return text;
  const char* code = colour == Colour::Red      ? "31"
                     : colour == Colour::Green  ? "32"
                     : colour == Colour::Yellow ? "33"
                                                : "1";
  return "\033[" + std::string(code) + "m" + text + "\033[0m";
}

// The outcomes of one area in one language.
struct Cell {
  int all = 0;
  int passed = 0;
  int red = 0;
  int unsupported = 0;
  int known = 0;

  Colour shade() const { return red > 0 ? Colour::Red : passed == all ? Colour::Green : Colour::Yellow; }

  std::string text() const {
    std::string text = std::to_string(passed) + "/" + std::to_string(all);
    if (red > 0) text += " " + std::to_string(red) + "F";
    if (unsupported > 0) text += " " + std::to_string(unsupported) + "U";
    if (known > 0) text += " " + std::to_string(known) + "K";
    return text;
  }
};

std::string area_of(const Outcome& outcome) { return outcome.case_name.substr(0, outcome.case_name.find('/')); }

std::vector<std::string> areas_of(const std::vector<LanguageResult>& results) {
  std::vector<std::string> areas;
  for (const auto& result : results)
    for (const auto& outcome : result.outcomes)
      if (std::ranges::find(areas, area_of(outcome)) == areas.end()) areas.push_back(area_of(outcome));
  return areas;
}

Cell cell_of(const std::vector<Outcome>& outcomes, const std::string& area) {
  Cell cell;
  for (const auto& outcome : outcomes) {
    if (!area.empty() && area_of(outcome) != area) continue;
    ++cell.all;
    if (outcome.verdict == Verdict::Pass) ++cell.passed;
    if (is_red(outcome.verdict)) ++cell.red;
    if (outcome.verdict == Verdict::Unsupported) ++cell.unsupported;
    if (outcome.verdict == Verdict::KnownFail) ++cell.known;
  }
  return cell;
}

// The languages that write, in the order of the table; those that read are the same.
std::vector<std::string> writers_of(const std::vector<PairResult>& pairs) {
  std::vector<std::string> names;
  for (const auto& pair : pairs)
    if (std::ranges::find(names, pair.writer) == names.end()) names.push_back(pair.writer);
  return names;
}

nlohmann::json json_of(const std::vector<Outcome>& outcomes) {
  using nlohmann::json;
  auto list = json::array();
  for (const auto& outcome : outcomes) {
    json one = {{"case", outcome.case_name},
                {"verdict", std::string(verdict_name(outcome.verdict))},
                {"seconds", outcome.seconds}};
    if (!outcome.phase.empty()) one["phase"] = outcome.phase;
    if (outcome.verdict != Verdict::Pass) {
      one["text"] = outcome.text;
      one["place"] = outcome.place;
      if (!outcome.step.empty()) one["step"] = outcome.step;
      one["trace"] = outcome.trace;
    }
    list.push_back(std::move(one));
  }
  return list;
}

std::string padded(const std::string& text, std::size_t width) {
  return text.size() >= width ? text : text + std::string(width - text.size(), ' ');
}

std::string seconds_text(double seconds) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds);
  return text;
}

std::string indented(const std::string& text, const std::string& indent) {
  std::string result;
  for (const auto line : split(text, '\n')) result += indent + std::string(line) + "\n";
  return result;
}

}  // namespace

Totals sum_up(const std::vector<LanguageResult>& results, std::size_t cases) {
  Totals totals{cases, results.size()};
  for (const auto& result : results) {
    totals.passed += result.count(Verdict::Pass);
    totals.failed += result.failed();
    totals.unsupported += result.count(Verdict::Unsupported);
    totals.known_failing += result.count(Verdict::KnownFail);
  }
  return totals;
}

std::string totals_line(const Totals& totals) {
  return "matrix: " + std::to_string(totals.cases) + " cases x " + std::to_string(totals.languages) +
         " languages: " + std::to_string(totals.passed) + " passed, " + std::to_string(totals.failed) + " failed, " +
         std::to_string(totals.unsupported) + " unsupported, " + std::to_string(totals.known_failing) +
         " known-failing";
}

std::string matrix_text(const std::vector<LanguageResult>& results, bool colour) {
  std::string text;
  std::size_t name_width = 8;
  for (const auto& result : results) name_width = std::max(name_width, result.language.size());
  for (const auto& result : results)
    text += padded(result.language, name_width) + "  " + (result.tool.empty() ? "did not start" : result.tool) + ", " +
            seconds_text(result.seconds) + "\n";
  text += "\n";
  auto areas = areas_of(results);
  std::size_t first = 5;
  for (const auto& area : areas) first = std::max(first, area.size());
  areas.emplace_back();
  std::vector<std::size_t> widths;
  for (const auto& result : results) {
    std::size_t width = result.language.size();
    for (const auto& area : areas) width = std::max(width, cell_of(result.outcomes, area).text().size());
    widths.push_back(width);
  }
  const auto end_line = [&] {
    while (text.ends_with(' ')) text.pop_back();
    text += "\n";
  };
  text += padded("area", first);
  for (std::size_t i = 0; i < results.size(); ++i) text += "  " + padded(results[i].language, widths[i]);
  end_line();
  for (const auto& area : areas) {
    text += padded(area.empty() ? "all" : area, first);
    for (std::size_t i = 0; i < results.size(); ++i) {
      const auto cell = cell_of(results[i].outcomes, area);
      text += "  " + paint(padded(cell.text(), widths[i]), cell.shade(), colour);
    }
    end_line();
  }
  return text;
}

std::string pairs_line(const std::vector<PairResult>& pairs) {
  int passed = 0;
  int failed = 0;
  int unsupported = 0;
  int known = 0;
  for (const auto& pair : pairs) {
    passed += pair.count(Verdict::Pass);
    failed += pair.failed();
    unsupported += pair.count(Verdict::Unsupported);
    known += pair.count(Verdict::KnownFail);
  }
  return "pairs: " + std::to_string(pairs.empty() ? 0 : pairs.front().outcomes.size()) + " cases x " +
         std::to_string(pairs.size()) + " pairs: " + std::to_string(passed) + " passed, " + std::to_string(failed) +
         " failed" + (unsupported > 0 ? ", " + std::to_string(unsupported) + " unsupported" : "") +
         (known > 0 ? ", " + std::to_string(known) + " known-failing" : "");
}

std::string pairs_text(const std::vector<PairResult>& pairs, bool colour) {
  const auto names = writers_of(pairs);
  const std::string corner = "writer \\ reader";
  std::size_t first = corner.size();
  std::vector<std::size_t> widths;
  for (std::size_t i = 0; i < names.size(); ++i) {
    first = std::max(first, names[i].size());
    std::size_t width = names[i].size();
    for (std::size_t row = 0; row < names.size(); ++row)
      width = std::max(width, cell_of(pairs[row * names.size() + i].outcomes, {}).text().size());
    widths.push_back(width);
  }
  std::string text;
  const auto add_line = [&](std::string line) {
    while (line.ends_with(' ')) line.pop_back();
    text += line + "\n";
  };
  std::string head = padded(corner, first);
  for (std::size_t i = 0; i < names.size(); ++i) head += "  " + padded(names[i], widths[i]);
  if (!names.empty()) add_line(head);
  for (std::size_t row = 0; row < names.size(); ++row) {
    std::string line = padded(names[row], first);
    for (std::size_t i = 0; i < names.size(); ++i) {
      const auto cell = cell_of(pairs[row * names.size() + i].outcomes, {});
      line += "  " + paint(padded(cell.text(), widths[i]), cell.shade(), colour);
    }
    add_line(line);
  }
  return text;
}

std::string matrix_markdown(const std::vector<LanguageResult>& results, const Totals& totals,
                            const std::vector<PairResult>& pairs) {
  std::string text = "| area |";
  std::string rule = "|---|";
  std::string tools = "| *tool* |";
  for (const auto& result : results) {
    text += " " + result.language + " |";
    rule += "---|";
    tools += " " + (result.tool.empty() ? "did not start" : result.tool) + " |";
  }
  text += "\n" + rule + "\n" + tools + "\n";
  auto areas = areas_of(results);
  areas.emplace_back();
  for (const auto& area : areas) {
    text += area.empty() ? "| **all** |" : "| " + area + " |";
    for (const auto& result : results) text += " " + cell_of(result.outcomes, area).text() + " |";
    text += "\n";
  }
  text += "\nF: failed, U: unsupported, K: known to fail. `" + totals_line(totals) + "`\n";
  const auto names = writers_of(pairs);
  if (names.empty()) return text;
  text += "\n| writer \\ reader |";
  for (const auto& name : names) text += " " + name + " |";
  text += "\n|---|";
  for (std::size_t i = 0; i < names.size(); ++i) text += "---|";
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    if (i % names.size() == 0) text += "\n| " + pairs[i].writer + " |";
    text += " " + cell_of(pairs[i].outcomes, {}).text() + " |";
  }
  return text + "\n\n`" + pairs_line(pairs) + "`\n";
}

std::string results_json(const std::vector<LanguageResult>& results, const Totals& totals,
                         const std::vector<PairResult>& pairs) {
  using nlohmann::json;
  json root;
  root["format"] = 1;
  root["totals"] = {
      {"cases", totals.cases},   {"languages", totals.languages},     {"passed", totals.passed},
      {"failed", totals.failed}, {"unsupported", totals.unsupported}, {"known_failing", totals.known_failing}};
  root["languages"] = json::array();
  for (const auto& result : results) {
    json language = {{"language", result.language}, {"tool", result.tool},         {"abi", result.abi},
                     {"seconds", result.seconds},   {"problems", result.problems}, {"cases", json_of(result.outcomes)}};
    root["languages"].push_back(std::move(language));
  }
  root["pairs"] = json::array();
  for (const auto& pair : pairs)
    root["pairs"].push_back({{"writer", pair.writer},
                             {"reader", pair.reader},
                             {"seconds", pair.seconds},
                             {"problems", pair.problems},
                             {"cases", json_of(pair.outcomes)}});
  return root.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

std::string outcome_text(const std::string& language, const Outcome& outcome, bool colour, bool whole_trace) {
  auto label = std::string(verdict_name(outcome.verdict));
  if (!outcome.phase.empty()) label += " " + outcome.phase;
  const auto shade = is_red(outcome.verdict)            ? Colour::Red
                     : outcome.verdict == Verdict::Pass ? Colour::Green
                                                        : Colour::Yellow;
  std::string text = paint(label, shade, colour) + ": " + language + ": " + outcome.case_name;
  if (outcome.verdict != Verdict::Pass) text += "  (" + outcome.place + ")";
  text += "\n";
  if (!outcome.step.empty() && outcome.verdict != Verdict::Pass) text += "    step    " + outcome.step + "\n";
  if (!outcome.text.empty()) text += indented(outcome.text, "    ");
  if (!whole_trace && !is_red(outcome.verdict)) return text;
  const auto from =
      whole_trace || outcome.trace.size() <= trace_lines_shown ? 0 : outcome.trace.size() - trace_lines_shown;
  if (from > 0) text += "    … (" + std::to_string(from) + " lines before)\n";
  for (std::size_t i = from; i < outcome.trace.size(); ++i)
    text += "    " + (whole_trace ? outcome.trace[i] : shorten(outcome.trace[i], 160)) + "\n";
  if (!outcome.errors.empty()) text += "    standard error:\n" + indented(outcome.errors, "      ");
  return text;
}

}  // namespace stdbind::conform
