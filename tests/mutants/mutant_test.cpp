// Runs the conformance suite with each mutant of the core, in each language, until a case notices it. Without a mutant
// the same library must pass everything: otherwise a mutant would only seem to be noticed.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters.hpp"
#include "conform/case_parser.hpp"
#include "conform/case_run.hpp"
#include "conform/mounts.hpp"
#include "conform/text.hpp"

namespace {

namespace conform = stdbind::conform;

struct Mutant {
  std::string name;
  std::string breaks;
  std::vector<std::string> areas;
};

struct Options {
  std::string list;
  std::string root;
  std::string build;
  std::vector<std::string> languages;
  std::vector<std::string> mutants;
  unsigned jobs = 2;
  bool verbose = false;
};

// The form of the list is checked by the generator, when the library is built.
std::vector<Mutant> read_mutants(const std::string& text) {
  std::vector<Mutant> mutants;
  for (const auto raw : conform::split(text, '\n')) {
    const auto line = conform::trim(raw);
    const auto rest = [&](std::string_view word) { return std::string(conform::trim(line.substr(word.size()))); };
    if (line.starts_with("mutant ")) mutants.push_back({rest("mutant "), {}, {}});
    if (line.starts_with("breaks ")) mutants.back().breaks = rest("breaks ");
    if (!line.starts_with("areas ")) continue;
    for (const auto area : conform::split(rest("areas "), ' '))
      if (!area.empty()) mutants.back().areas.emplace_back(area);
  }
  return mutants;
}

// Whether a verdict means that the case noticed something. A process that does not start, or does not keep to the
// protocol, has nothing to do with the mutant.
bool noticed(conform::Verdict verdict) {
  using enum conform::Verdict;
  return verdict == Fail || verdict == Crash || verdict == Timeout || verdict == Leak;
}

class Trial {
 public:
  Trial(const std::vector<conform::Case>& cases, const Options& options) : cases_(cases), options_(options) {}

  // The case that notices the mutant, if there is one.
  std::optional<conform::Outcome> run(conform::Language language, const Mutant& mutant) const {
    language.environment["STDBIND_MUTANT"] = mutant.name;
    const auto rank = [&](const conform::Case* one) {
      return std::ranges::find(mutant.areas, one->area) - mutant.areas.begin();
    };
    auto order = expected_to_pass(language);
    std::ranges::stable_sort(order, {}, rank);
    const stdbind::proof::Directory directory(directory_of(language.name + "-" + mutant.name));
    const conform::Patience patience{.answer = std::chrono::seconds(5)};  // some mutants never come to an end
    conform::Session session(language, language, directory.path(), patience);
    for (const auto* one : order) {
      auto outcome = conform::run_case(*one, session);
      if (noticed(outcome.verdict)) return outcome;
      // What this system does not let the runner do says nothing.
      if (outcome.verdict != conform::Verdict::Pass && outcome.verdict != conform::Verdict::Unsupported) {
        complain(language, mutant.name, outcome);
        return std::nullopt;
      }
    }
    return std::nullopt;
  }

  // Without a mutant.
  bool passes(const conform::Language& language) const {
    const stdbind::proof::Directory directory(directory_of(language.name));
    conform::Session session(language, language, directory.path(), {});
    bool good = true;
    for (const auto* one : expected_to_pass(language)) {
      const auto outcome = conform::run_case(*one, session);
      if (outcome.verdict == conform::Verdict::Pass) continue;
      complain(language, "no mutant", outcome);
      good = false;
    }
    return good;
  }

 private:
  // The cases that the language's own lists say nothing of.
  std::vector<const conform::Case*> expected_to_pass(const conform::Language& language) const {
    std::vector<const conform::Case*> chosen;
    for (const auto& one : cases_) {
      if (conform::find_line(language.known_failing, one.name) == nullptr &&
          conform::find_line(language.unsupported, one.name) == nullptr)
        chosen.push_back(&one);
    }
    return chosen;
  }

  std::string directory_of(const std::string& name) const {
    return options_.build + "/mutants/work-" + std::to_string(getpid()) + "/" + name;
  }

  void complain(const conform::Language& language, const std::string& mutant, const conform::Outcome& outcome) const {
    const std::lock_guard lock(output_);
    std::printf("%s, %s: %s: %s: %s\n", language.name.c_str(), mutant.c_str(), outcome.case_name.c_str(),
                std::string(conform::verdict_name(outcome.verdict)).c_str(), outcome.text.c_str());
  }

  const std::vector<conform::Case>& cases_;
  const Options& options_;
  mutable std::mutex output_;
};

int run(const Options& options) {
  const auto text = conform::read_text_file(options.list);
  if (!text) return std::fprintf(stderr, "mutant_test: %s\n", text.error().c_str()), 2;
  auto mutants = read_mutants(*text);
  if (!options.mutants.empty()) {
    std::erase_if(mutants, [&](const Mutant& mutant) {
      return std::ranges::find(options.mutants, mutant.name) == options.mutants.end();
    });
  }
  const auto languages = stdbind::proof::find_languages(options.root, options.build, stdbind::proof::Core::with_mutants,
                                                        options.languages);
  if (!languages) return std::fprintf(stderr, "mutant_test: %s\n", languages.error().c_str()), 2;
  const auto suite = conform::load_suite(options.root + "/tests/conformance/cases", sysconf(_SC_PAGESIZE));
  if (!suite.errors.empty()) return std::fprintf(stderr, "mutant_test: %s\n", suite.errors.front().c_str()), 2;
  const stdbind::proof::Directory work(options.build + "/mutants/work-" + std::to_string(getpid()));
  std::signal(SIGPIPE, SIG_IGN);
  conform::use_own_mounts();

  // For each language one run without a mutant, then one for each mutant.
  const Trial trial(suite.cases, options);
  const std::size_t runs = mutants.size() + 1;
  std::vector<std::vector<std::string>> survivors(languages->size());
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> sound = true;
  std::mutex mutex;
  const auto work_off = [&] {
    for (std::size_t i = next++; i < languages->size() * runs; i = next++) {
      const auto& language = (*languages)[i / runs];
      if (i % runs == 0) {
        if (!trial.passes(language)) sound = false;
        continue;
      }
      const auto& mutant = mutants[i % runs - 1];
      const auto outcome = trial.run(language, mutant);
      const std::lock_guard lock(mutex);
      if (!outcome) survivors[i / runs].push_back(mutant.name + " (" + mutant.breaks + ")");
      if (outcome && options.verbose)
        std::printf("%s, %s: %s: %s\n", language.name.c_str(), mutant.name.c_str(), outcome->case_name.c_str(),
                    outcome->text.c_str());
      std::fflush(stdout);
    }
  };
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < options.jobs; ++i) threads.emplace_back(work_off);
  }
  bool all = true;
  for (std::size_t i = 0; i < languages->size(); ++i) {
    for (const auto& mutant : survivors[i])
      std::printf("%s: no case notices %s\n", (*languages)[i].name.c_str(), mutant.c_str());
    std::printf("%s: %zu/%zu caught\n", (*languages)[i].name.c_str(), mutants.size() - survivors[i].size(),
                mutants.size());
    all = all && survivors[i].empty();
  }
  if (!sound) std::puts("the library fails the suite without a mutant too");
  return all && sound && !mutants.empty() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Runs the conformance suite with each mutant of the core");
  Options options;
  app.add_option("--list", options.list, "The list of the mutants")->required();
  app.add_option("--root", options.root, "The source tree")->required();
  app.add_option("--build", options.build, "The build directory")->required();
  app.add_option("--language", options.languages, "Only these languages")->delimiter(',');
  app.add_option("--mutant", options.mutants, "Only these mutants")->delimiter(',');
  app.add_option("--jobs", options.jobs, "How many run at a time")->check(CLI::Range(1U, 64U));
  app.add_flag("-v,--verbose", options.verbose, "Which case notices each mutant");
  CLI11_PARSE(app, argc, argv);
  // The adapters run elsewhere.
  options.root = std::filesystem::absolute(options.root).lexically_normal().string();
  options.build = std::filesystem::absolute(options.build).lexically_normal().string();
  return run(options);
}
