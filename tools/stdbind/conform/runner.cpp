// Runs the suite. Languages run side by side, the cases of one language one after the other.
#include "conform/runner.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

#include "conform/case_run.hpp"
#include "conform/process.hpp"
#include "conform/text.hpp"

namespace stdbind::conform {
namespace {

namespace fs = std::filesystem;

constexpr auto longest_build = std::chrono::minutes(15);
constexpr int most_timeouts_in_a_row = 5;
constexpr int most_failed_starts_in_a_row = 2;

// The last lines of a build log.
std::string tail(const std::string& path) {
  constexpr std::size_t most = 4000;
  auto text = read_text_file(path).value_or("");
  if (text.size() > most) text = "…" + text.substr(text.size() - most);
  return std::string(trim(text));
}

// Builds each language once, though several threads may need it.
class Builder {
 public:
  std::optional<Trouble> build(const Language& language) {
    Entry* entry = nullptr;
    {
      const std::lock_guard lock(mutex_);
      entry = &entries_[language.name];
    }
    std::call_once(entry->once, [&] { entry->trouble = run_steps(language); });
    return entry->trouble;
  }

 private:
  struct Entry {
    std::once_flag once;
    std::optional<Trouble> trouble;
  };

  static std::optional<Trouble> run_steps(const Language& language) {
    std::error_code error;
    fs::create_directories(language.out, error);
    if (error) return Trouble{Verdict::Phase, "compile", language.out + ": " + error.message()};
    for (const auto& step : language.build) {
      const auto log = language.out + "/" + step.phase + ".log";
      fs::remove(log, error);
      Process process;
      Launch launch;
      launch.command = step.command;
      launch.environment = language.environment;
      launch.directory = language.out;
      launch.error_file = log;
      launch.output_file = log;
      const auto describe = [&](const std::string& what) {
        return Trouble{Verdict::Phase, step.phase, join(step.command, " ") + "\n" + what + "\n" + tail(log)};
      };
      if (auto started = process.start(launch); !started) return describe(started.error());
      const auto deadline = Clock::now() + longest_build;
      const auto ending = process.finish(deadline);
      if (Clock::now() >= deadline) return describe("did not end within 15 minutes");
      if (!ending.clean()) return describe(ending.text());
    }
    return std::nullopt;
  }

  std::mutex mutex_;
  std::map<std::string, Entry> entries_;
};

// The first line of what a tool says of its version.
std::string tool_version(const Language& language, const std::string& work_directory) {
  if (language.tool.empty()) return {};
  const auto log = work_directory + "/" + language.name + ".tool";
  Process process;
  Launch launch;
  launch.command = language.tool;
  launch.environment = language.environment;
  launch.directory = work_directory;
  launch.error_file = log;
  launch.output_file = log;
  if (!process.start(launch)) return {};
  if (!process.finish(Clock::now() + std::chrono::seconds(30)).clean()) return {};
  const auto text = read_text_file(log).value_or("");
  return std::string(trim(split(trim(text), '\n').front()));
}

// Cases one after the other, in one language with one peer.
class LanguageRun {
 public:
  LanguageRun(const std::vector<Case>& cases, const Language& language, const Language& peer,
              const std::string& directory, const RunOptions& options)
      : cases_(cases),
        language_(language),
        peer_(peer),
        options_(options),
        directory_(directory),
        session_(language, peer, directory_, options.patience) {
    session_.keep_directories = options.keep_directories;
    session_.may_mount = options.may_mount;
  }

  LanguageResult run(const std::optional<Trouble>& build_trouble, const std::function<void(const Outcome&)>& done) {
    const auto begin = Clock::now();
    result_.language = language_.name;
    given_up_ = build_trouble;
    for (const auto& one : cases_) {
      Outcome outcome = given_up_ ? not_run(one, *given_up_) : run_case(one, session_);
      if (!given_up_) watch_for_giving_up(outcome);
      if (session_.adapter.abi() > 0) result_.abi = session_.adapter.abi();
      weigh(outcome);
      done(outcome);
      result_.outcomes.push_back(std::move(outcome));
    }
    for (Adapter* adapter : {&session_.adapter, &session_.peer}) {
      if (auto ended = adapter->finish(); !ended)
        result_.problems.push_back("at the end of the run: " + std::string(verdict_name(ended.error().verdict)) + ": " +
                                   ended.error().text);
    }
    result_.tool = session_.adapter.tool();
    result_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    return std::move(result_);
  }

 private:
  static Outcome not_run(const Case& one, const Trouble& why) {
    Outcome outcome;
    outcome.case_name = one.name;
    outcome.place = one.file + ":" + std::to_string(one.line);
    outcome.verdict = why.verdict;
    outcome.phase = why.phase;
    outcome.text = why.text;
    return outcome;
  }

  // A language that does not even start, or only ever hangs, is not tried for every case.
  void watch_for_giving_up(const Outcome& outcome) {
    starts_ = outcome.verdict == Verdict::Phase ? starts_ + 1 : 0;
    timeouts_ = outcome.verdict == Verdict::Timeout ? timeouts_ + 1 : 0;
    if (starts_ >= most_failed_starts_in_a_row) given_up_ = Trouble{Verdict::Phase, outcome.phase, outcome.text};
    if (timeouts_ >= most_timeouts_in_a_row)
      given_up_ =
          Trouble{Verdict::Timeout, {}, "not run: the " + std::to_string(timeouts_) + " cases before it timed out"};
    const bool stop = options_.stop_at_first && outcome.verdict != Verdict::Pass;
    if (stop) given_up_ = Trouble{Verdict::Fail, {}, "not run: an earlier case did not pass"};
  }

  // What the lists say of an outcome.
  void weigh(Outcome& outcome) const {
    const auto* known = line_for(outcome, &Language::known_failing);
    if (outcome.verdict == Verdict::Unsupported && !outcome.phase.empty()) return;  // not the language's doing
    if (outcome.verdict == Verdict::Unsupported) {
      if (const auto* line = line_for(outcome, &Language::unsupported); line != nullptr) {
        outcome.text = line->reason;
        return;
      }
      outcome.verdict = Verdict::Fail;
      outcome.text += ", and no line of the language's capability file says that it may be";
    }
    if (outcome.verdict == Verdict::Phase) return;
    if (const auto* line = find_line(language_.platform.unsupported, outcome.case_name); line != nullptr) {
      weigh_by_platform(outcome, *line);
      return;
    }
    if (known == nullptr) return;
    if (outcome.verdict == Verdict::Pass) {
      outcome.verdict = Verdict::UnexpectedPass;
      outcome.text = "passes, but " + known->place + " lists it (" + known->reason + "): take the line out";
    } else {
      outcome.verdict = Verdict::KnownFail;
      outcome.text = known->reason;
    }
  }

  // A line of the language, or of its peer: what either cannot do, the two cannot.
  const ListLine* line_for(const Outcome& outcome, std::vector<ListLine> Language::* list) const {
    const auto* line = find_line(language_.*list, outcome.case_name);
    const auto one = std::ranges::find(cases_, outcome.case_name, &Case::name);
    const bool has_peer = one != cases_.end() && one->paired;
    return line == nullptr && has_peer ? find_line(peer_.*list, outcome.case_name) : line;
  }

  // The case was run: what the platform cannot do, or what cannot be seen of it from here, is known by its failing.
  static void weigh_by_platform(Outcome& outcome, const ListLine& line) {
    if (outcome.verdict == Verdict::Pass) {
      outcome.verdict = Verdict::UnexpectedPass;
      outcome.text = "passes, but " + line.place + " lists it (" + line.reason + "): take the line out";
    } else if (outcome.verdict != Verdict::BrokenHarness) {
      outcome.verdict = Verdict::Unsupported;
      outcome.text = line.reason;
    }
  }

  const std::vector<Case>& cases_;
  const Language& language_;
  const Language& peer_;
  const RunOptions& options_;
  std::string directory_;
  Session session_;
  LanguageResult result_;
  std::optional<Trouble> given_up_;
  int starts_ = 0;
  int timeouts_ = 0;
};

// Calls work(0) … work(count - 1), so many at a time.
void side_by_side(std::size_t count, int jobs, const std::function<void(std::size_t)>& work) {
  std::atomic<std::size_t> next = 0;
  const auto run = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::thread> threads;
  const auto number = std::min<std::size_t>(count, static_cast<std::size_t>(std::max(jobs, 1)));
  threads.reserve(number);
  for (std::size_t i = 0; i < number; ++i) threads.emplace_back(run);
  for (auto& thread : threads) thread.join();
}

int count_of(const std::vector<Outcome>& outcomes, Verdict verdict) {
  return static_cast<int>(std::ranges::count(outcomes, verdict, &Outcome::verdict));
}

int red_of(const std::vector<Outcome>& outcomes) {
  return static_cast<int>(std::ranges::count_if(outcomes, is_red, &Outcome::verdict));
}

// Why a language ran no case at all, if it did not.
std::optional<Trouble> why_not_run(const LanguageResult& result) {
  const auto died = [](const Outcome& one) { return one.verdict == Verdict::Phase; };
  if (result.outcomes.empty() || !std::ranges::all_of(result.outcomes, died)) return std::nullopt;
  const auto& first = result.outcomes.front();
  return Trouble{Verdict::Phase, first.phase, result.language + ": " + first.text};
}

}  // namespace

int LanguageResult::count(Verdict verdict) const { return count_of(outcomes, verdict); }
int LanguageResult::failed() const { return red_of(outcomes); }
int PairResult::count(Verdict verdict) const { return count_of(outcomes, verdict); }
int PairResult::failed() const { return red_of(outcomes); }

std::optional<Trouble> build_language(const Language& language) { return Builder().build(language); }

std::vector<std::string> stale_lines(const Language& language, const std::vector<Case>& cases,
                                     const std::vector<Case>& all_cases, const std::vector<Outcome>& outcomes) {
  std::vector<std::string> problems;
  const auto matching = [](const std::vector<Case>& list, const ListLine& line) {
    return std::ranges::count_if(list, [&](const Case& one) { return glob_matches(line.glob, one.name); });
  };
  const auto check = [&](const ListLine& line, bool must_be_used) {
    const auto all = matching(all_cases, line);
    if (all == 0) problems.push_back(line.place + ": `" + line.glob + "` matches no case: take the line out");
    if (all == 0 || !must_be_used || matching(cases, line) != all) return;
    const bool ran = std::ranges::none_of(outcomes, [](const Outcome& one) { return one.verdict == Verdict::Phase; });
    const bool used = std::ranges::any_of(outcomes, [&](const Outcome& one) {
      return one.verdict == Verdict::Unsupported && find_line(language.unsupported, one.case_name) == &line;
    });
    if (ran && !used)
      problems.push_back(line.place + ": `" + line.glob + "` was never answered with unsupported: take the line out");
  };
  for (const auto& line : language.known_failing) check(line, false);
  for (const auto& line : language.unsupported) check(line, true);
  for (const auto& line : language.platform.unsupported) check(line, false);
  return problems;
}

std::vector<LanguageResult> run_suite(const std::vector<Case>& cases, const std::vector<Case>& all_cases,
                                      const std::vector<Language>& languages, const Language* peer,
                                      const RunOptions& options, Watcher& watcher) {
  std::vector<LanguageResult> results(languages.size());
  Builder builder;
  std::mutex mutex;
  side_by_side(languages.size(), options.jobs, [&](std::size_t i) {
    const Language& language = languages[i];
    {
      const std::lock_guard lock(mutex);
      watcher.building(language);
    }
    const auto directory = options.work_directory + "/" + language.name;
    std::error_code error;
    fs::create_directories(directory, error);  // seen again where it is used
    auto trouble = builder.build(language);
    if (!trouble && peer != nullptr) trouble = builder.build(*peer);
    LanguageRun run(cases, language, peer == nullptr ? language : *peer, directory, options);
    std::size_t done = 0;
    results[i] = run.run(trouble, [&](const Outcome& outcome) {
      const std::lock_guard lock(mutex);
      watcher.case_done(language.name, outcome, ++done, cases.size());
    });
    if (auto tool = tool_version(language, directory); !tool.empty()) results[i].tool = std::move(tool);
    auto stale = stale_lines(language, cases, all_cases, results[i].outcomes);
    results[i].problems.insert(results[i].problems.end(), stale.begin(), stale.end());
    const std::lock_guard lock(mutex);
    watcher.language_done(results[i]);
  });
  return results;
}

std::vector<PairResult> run_pairs(const std::vector<Case>& cases, const std::vector<Language>& languages,
                                  const std::vector<LanguageResult>& alone, const RunOptions& options,
                                  Watcher& watcher) {
  std::vector<Case> paired;
  std::ranges::copy_if(cases, std::back_inserter(paired), &Case::paired);
  if (paired.empty()) return {};
  std::vector<PairResult> results(languages.size() * languages.size());
  std::mutex mutex;
  side_by_side(results.size(), options.jobs, [&](std::size_t i) {
    const auto first = i / languages.size();
    const auto second = i % languages.size();
    const Language& writer = languages[first];
    const Language& reader = languages[second];
    PairResult& result = results[i];
    result.writer = writer.name;
    result.reader = reader.name;
    if (first == second) {
      const auto has_peer = [&](const Outcome& one) {
        return std::ranges::find(paired, one.case_name, &Case::name) != paired.end();
      };
      std::ranges::copy_if(alone[first].outcomes, std::back_inserter(result.outcomes), has_peer);
      return;
    }
    const auto name = writer.name + "+" + reader.name;
    const auto directory = options.work_directory + "/" + name;
    std::error_code error;
    fs::create_directories(directory, error);  // seen again where it is used
    auto trouble = why_not_run(alone[first]);
    if (!trouble) trouble = why_not_run(alone[second]);
    LanguageRun run(paired, writer, reader, directory, options);
    std::size_t done = 0;
    auto ran = run.run(trouble, [&](const Outcome& outcome) {
      const std::lock_guard lock(mutex);
      watcher.case_done(name, outcome, ++done, paired.size());
    });
    result.seconds = ran.seconds;
    result.outcomes = std::move(ran.outcomes);
    result.problems = std::move(ran.problems);
    const std::lock_guard lock(mutex);
    watcher.pair_done(result);
  });
  return results;
}

}  // namespace stdbind::conform
