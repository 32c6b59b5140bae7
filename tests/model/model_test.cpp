// Random operations against the model: through C++ in this process, and through the adapter of each language by the
// same cases that the conformance suite is made of. A run that fails is shrunk and printed as a case that can be
// replayed.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <mutex>
#include <thread>

#include "adapters.hpp"
#include "conform/case_parser.hpp"
#include "conform/case_run.hpp"
#include "conform/text.hpp"
#include "direct.hpp"
#include "shrink.hpp"

namespace {

namespace conform = stdbind::conform;
namespace model = stdbind::model;
using Operations = std::vector<model::Operation>;

struct Options {
  std::string root;
  std::string build;
  std::vector<std::string> languages;
  std::string mutant;
  std::string out;
  std::string replay;
  std::uint64_t seed = 1;
  int runs = 12;
  int direct_runs = 300;
  int steps = 120;
  double seconds = 0;
  int tries = 600;
};

using Clock = std::chrono::steady_clock;

class ModelTest {
 public:
  ModelTest(Options options, std::int64_t page)
      : options_(std::move(options)),
        page_(page),
        begin_(Clock::now()),
        directory_(options_.build + "/model/work-" + std::to_string(getpid())) {}

  // With --seconds the number of runs is what there is time for.
  bool goes_on(int done, int runs, double share) const {
    const double spent = std::chrono::duration<double>(Clock::now() - begin_).count();
    return options_.seconds > 0 ? spent < options_.seconds * share : done < runs;
  }

  bool direct() {
    const stdbind::proof::Directory directory(directory_.path() + "/direct");
    const auto fails = [&](const Operations& operations) {
      return !model::run_directly(operations, directory.path(), page_).empty();
    };
    int runs = 0;
    for (; goes_on(runs, options_.direct_runs, 0.2); ++runs) {
      const auto seed = options_.seed + static_cast<std::uint64_t>(runs);
      const auto operations = model::generate(seed, options_.steps, page_);
      if (!fails(operations)) continue;
      const auto shrunk = model::shrink(operations, fails, options_.tries);
      report("C++ in this process", seed, shrunk, model::run_directly(shrunk, directory.path(), page_));
      return false;
    }
    std::printf("C++ in this process: %d runs of %d operations, as the model says\n", runs, options_.steps);
    return true;
  }

  bool language(conform::Language language) {
    if (!options_.mutant.empty()) language.environment["STDBIND_MUTANT"] = options_.mutant;
    const stdbind::proof::Directory directory(directory_.path() + "/" + language.name);
    conform::Session session(language, language, directory.path(), {});
    const bool resizes = can_resize(session);
    const auto fails = [&](const Operations& operations) { return conform::is_red(run(operations, session).verdict); };
    int runs = 0;
    for (; goes_on(runs, options_.runs, 1); ++runs) {
      const auto seed = options_.seed + static_cast<std::uint64_t>(runs);
      auto operations = model::generate(seed, options_.steps, page_);
      if (!resizes) operations = model::without_resize(std::move(operations));
      if (!fails(operations)) continue;
      const auto shrunk = model::shrink(operations, fails, options_.tries);
      const auto outcome = run(shrunk, session);
      report(language.name, seed, shrunk,
             outcome.step + ": " + std::string(conform::verdict_name(outcome.verdict)) + ": " + outcome.text);
      return false;
    }
    if (const auto ended = session.adapter.finish(); !ended) {
      std::printf("%s: at the end: %s\n", language.name.c_str(), ended.error().text.c_str());
      return false;
    }
    const std::lock_guard lock(output_);
    std::printf("%s: %d runs of %d operations, as the model says%s\n", language.name.c_str(), runs, options_.steps,
                resizes ? "" : " (its adapter has no resize)");
    return true;
  }

  // A case that was printed before.
  bool replay(conform::Language language) const {
    if (!options_.mutant.empty()) language.environment["STDBIND_MUTANT"] = options_.mutant;
    const stdbind::proof::Directory directory(directory_.path() + "/" + language.name);
    conform::Session session(language, language, directory.path(), {});
    const auto text = conform::read_text_file(options_.replay);
    const auto outcome = run(text ? *text : text.error(), session);
    std::printf("%s: %s %s\n", language.name.c_str(), std::string(conform::verdict_name(outcome.verdict)).c_str(),
                outcome.text.c_str());
    return outcome.verdict == conform::Verdict::Pass;
  }

 private:
  conform::Outcome run(const Operations& operations, conform::Session& session) const {
    return run(model::case_text(operations, "model/run", page_), session);
  }

  conform::Outcome run(const std::string& text, conform::Session& session) const {
    const auto suite = conform::parse_cases(text, "model", "model", page_);
    if (suite.cases.size() == 1 && suite.errors.empty()) return conform::run_case(suite.cases.front(), session);
    conform::Outcome outcome;
    outcome.verdict = conform::Verdict::BrokenHarness;
    outcome.text = suite.errors.empty() ? "no case" : suite.errors.front();
    return outcome;
  }

  bool can_resize(conform::Session& session) const {
    if (conform::find_operation("resize") == nullptr) return false;
    const Operations asked{{.act = model::Act::map, .mode = 2, .size = -1, .grow = true},
                           {.act = model::Act::resize, .size = 100}};
    return run(asked, session).verdict != conform::Verdict::Unsupported;
  }

  void report(const std::string& who, std::uint64_t seed, const Operations& shrunk, const std::string& why) {
    const std::lock_guard lock(output_);
    const auto text = model::case_text(shrunk, "model/seed-" + std::to_string(seed), page_);
    std::printf("%s: the run of seed %llu fails; shrunk to %zu operations\n  %s\n\n%s\n", who.c_str(),
                static_cast<unsigned long long>(seed), shrunk.size(), why.c_str(), text.c_str());
    std::printf("again: put this into DIR/model.case, and run: stdbind conform --suite DIR --language %s\n",
                who.c_str());
    if (options_.out.empty()) return;
    if (std::FILE* file = std::fopen(options_.out.c_str(), "we")) {
      std::fputs(text.c_str(), file);
      std::fclose(file);
    }
  }

  Options options_;
  std::int64_t page_;
  Clock::time_point begin_;
  stdbind::proof::Directory directory_;
  std::mutex output_;
};

int run(const Options& options) {
  const auto core = options.mutant.empty() ? stdbind::proof::Core::real : stdbind::proof::Core::with_mutants;
  const auto languages = stdbind::proof::find_languages(options.root, options.build, core, options.languages);
  if (!languages) return std::fprintf(stderr, "model_test: %s\n", languages.error().c_str()), 2;
  std::signal(SIGPIPE, SIG_IGN);
  ModelTest test(options, sysconf(_SC_PAGESIZE));
  if (!options.replay.empty())
    return std::ranges::all_of(*languages, [&](const auto& language) { return test.replay(language); }) ? 0 : 1;
  std::printf("seed %llu\n", static_cast<unsigned long long>(options.seed));
  std::atomic<bool> good = options.mutant.empty() ? test.direct() : true;  // the mutants are in the adapters alone
  std::atomic<std::size_t> next = 0;
  const auto work_off = [&] {
    for (std::size_t i = next++; i < languages->size(); i = next++)
      if (!test.language((*languages)[i])) good = false;
  };
  {
    std::vector<std::jthread> threads;
    // With a time to keep, all languages have to begin at once.
    const std::size_t jobs = options.seconds > 0 ? languages->size() : 2;
    for (std::size_t i = 0; i < jobs; ++i) threads.emplace_back(work_off);
  }
  return good ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Random operations against a model of mappings");
  Options options;
  app.add_option("--root", options.root, "The source tree")->required();
  app.add_option("--build", options.build, "The build directory")->required();
  app.add_option("--language", options.languages, "Only these languages")->delimiter(',');
  app.add_option("--mutant", options.mutant, "Adapters with this mutant of the core");
  app.add_option("--out", options.out, "Where the case of a failing run is written too");
  app.add_option("--replay", options.replay, "Only the one case of this file");
  app.add_option("--seed", options.seed, "The first seed; each run has the next one");
  app.add_option("--runs", options.runs, "Runs in each language");
  app.add_option("--direct-runs", options.direct_runs, "Runs in this process");
  app.add_option("--steps", options.steps, "Operations of each run");
  app.add_option("--seconds", options.seconds, "As many runs as there is time for, instead");
  CLI11_PARSE(app, argc, argv);
  // The adapters run elsewhere.
  options.root = std::filesystem::absolute(options.root).lexically_normal().string();
  options.build = std::filesystem::absolute(options.build).lexically_normal().string();
  return run(options);
}
