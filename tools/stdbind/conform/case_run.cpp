// Runs one case step by step. The first step that goes wrong decides; then the leak checks are made all the same.
#include "conform/case_run.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <map>
#include <memory>
#include <set>

#include "conform/case_disk.hpp"
#include "conform/observe.hpp"
#include "conform/text.hpp"

namespace stdbind::conform {
namespace {

namespace fs = std::filesystem;
using Done = std::expected<void, Trouble>;

std::unexpected<Trouble> trouble(Verdict verdict, std::string text) {
  return std::unexpected(Trouble{verdict, {}, std::move(text)});
}

std::string list_of(const std::vector<std::string>& names) { return names.empty() ? "nothing" : join(names, ", "); }

// What the runner remembers of an object: enough to find its mapping in the process.
struct Opened {
  std::string file;
  std::uint64_t address = 0;
};

// One of the two processes of a case.
struct Side {
  Adapter* adapter = nullptr;
  std::map<int, Opened> objects;
  std::vector<std::string> descriptors;
  bool used = false;
};

class CaseRun {
 public:
  CaseRun(const Case& one, Session& session) : case_(one), session_(session) {}

  Outcome run() {
    const auto begin = Clock::now();
    outcome_.case_name = case_.name;
    outcome_.place = case_.file + ":" + std::to_string(case_.line);
    Done done = prepare();
    if (done) {
      for (const auto& step : case_.steps) {
        outcome_.place = case_.file + ":" + std::to_string(step.line);
        outcome_.step = step.text;
        done = std::visit([this](const auto& action) { return perform_step(action); }, step.action);
        if (!done) break;
      }
    }
    const auto ended = conclude();
    if (done && !ended) {
      outcome_.step.clear();
      done = ended;
    }
    outcome_.seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (!done) {
      outcome_.verdict = done.error().verdict;
      outcome_.phase = done.error().phase;
      outcome_.text = done.error().text;
      outcome_.errors = errors_;
    }
    return std::move(outcome_);
  }

 private:
  Done prepare() {
    std::string name = case_.name;
    std::ranges::replace(name, '/', '-');
    std::error_code error;
    directory_ = fs::canonical(session_.work_directory, error).string() + "/" + name;
    if (!error) fs::remove_all(directory_, error);
    if (!error) fs::create_directory(directory_, error);
    if (error) return trouble(Verdict::BrokenHarness, directory_ + ": " + error.message());
    main_.adapter = &session_.adapter;
    peer_.adapter = &session_.peer;
    if (case_.fresh) {
      own_ = std::make_unique<Adapter>(session_.adapter.language(), "", session_.work_directory, session_.patience);
      main_.adapter = own_.get();
      unprivileged_ = std::ranges::any_of(
          case_.steps, [](const Step& step) { return std::holds_alternative<Unprivileged>(step.action); });
    }
    main_.adapter->trace_to(&outcome_.trace);
    peer_.adapter->trace_to(&outcome_.trace);
    return {};
  }

  // The side of a step, with its process running.
  std::expected<Side*, Trouble> side(bool peer) {
    Side& side = peer ? peer_ : main_;
    if (!side.adapter->running()) {
      if (auto started = side.adapter->start(!peer && unprivileged_); !started) {
        errors_ = side.adapter->recent_errors();
        return std::unexpected(started.error());
      }
      side.used = false;
    }
    if (!side.used) {
      side.used = true;
      side.adapter->forget_errors();
      side.descriptors = open_descriptors(side.adapter->pid());
    }
    return &side;
  }

  Done perform_step(const Request& request) {
    auto found = side(request.peer);
    if (!found) return std::unexpected(found.error());
    Side& side = **found;
    const auto answer = side.adapter->ask(request.operation, fields(request, side));
    if (!answer) {
      errors_ = side.adapter->recent_errors();
      return std::unexpected(answer.error());
    }
    if (answer->status == Answer::Status::Ok) remember(request, *answer, side);
    return judge(request, *answer);
  }

  std::string fields(const Request& request, const Side& side) {
    std::string text;
    const auto add = [&](const std::string& key, const std::string& value) {
      text += (text.empty() ? "" : " ") + key + "=" + value;
    };
    if (request.object >= 0) add("m", std::to_string(request.object));
    for (const auto& argument : request.arguments) {
      switch (argument.kind) {
        case Argument::Kind::Plain:
          add(argument.key, argument.value);
          break;
        case Argument::Kind::Path:
          add(argument.key, percent_encode(absolute(argument.value)));
          break;
        case Argument::Kind::FreeAddress:
          add(argument.key, std::to_string(free_address(side)));
          break;
        case Argument::Kind::TakenAddress:
          add(argument.key, std::to_string(taken_address(side)));
          break;
      }
    }
    return text;
  }

  std::string absolute(const std::string& name) const {
    return name.empty() || name.starts_with('/') ? name : directory_ + "/" + name;
  }

  std::uint64_t free_address(const Side& side) {
    if (free_address_ == 0) free_address_ = find_free_address(side.adapter->pid(), std::uint64_t{1} << 22U);
    return free_address_;
  }

  std::uint64_t taken_address(const Side& side) {
    const auto regions = read_regions(side.adapter->pid());
    if (taken_address_ == 0 && !regions.empty()) taken_address_ = regions.front().begin;
    return taken_address_;
  }

  void remember(const Request& request, const Answer& answer, Side& side) const {
    if (request.operation == "map" || request.operation == "map_fd" || request.operation == "anon") {
      Opened opened;
      for (const auto& argument : request.arguments) {
        std::error_code error;
        if (argument.kind == Argument::Kind::Path)
          opened.file = fs::weakly_canonical(absolute(argument.value), error).string();
      }
      side.objects[request.object] = opened;
    }
    if (request.operation == "view")
      side.objects[request.object].address =
          static_cast<std::uint64_t>(to_number(answer.fields.at("address")).value_or(0));
  }

  Done judge(const Request& request, const Answer& answer) const {
    if (answer.status == Answer::Status::Unsupported)
      return trouble(Verdict::Unsupported, "`" + request.operation + "` is unsupported");
    if (!request.error_kind.empty()) {
      if (answer.status == Answer::Status::Error && answer.kind == request.error_kind) return {};
      return trouble(Verdict::Fail, "expected the error " + request.error_kind + ", the answer was " +
                                        (answer.status == Answer::Status::Ok ? "ok" : "the error " + answer.kind));
    }
    if (answer.status == Answer::Status::Error) {
      const auto message = answer.fields.find("message");
      return trouble(
          Verdict::Fail,
          "expected ok, the answer was the error " + answer.kind +
              (message == answer.fields.end() ? "" : ": " + percent_decode(message->second).value_or(message->second)));
    }
    for (const auto& expected : request.expected) {
      if (auto met = judge_field(expected, answer); !met) return met;
    }
    return {};
  }

  Done judge_field(const Expectation& expected, const Answer& answer) const {
    if (expected.bytes) return judge_bytes(*expected.bytes, answer);
    const auto wanted = expected.free_address ? std::to_string(free_address_) : expected.value;
    const auto found = answer.fields.find(expected.key);
    if (found != answer.fields.end() && found->second == wanted) return {};
    return trouble(Verdict::Fail,
                   "expected " + expected.key + "=" + wanted + ", the answer has " +
                       (found == answer.fields.end() ? "no such field" : expected.key + "=" + found->second));
  }

  static Done judge_bytes(const std::string& wanted, const Answer& answer) {
    const auto& n = answer.fields.at("n");
    if (n != std::to_string(wanted.size()))
      return trouble(Verdict::Fail, "expected n=" + std::to_string(wanted.size()) + ", the answer has n=" + n);
    const bool by_crc = wanted.size() > 256;
    const std::string key = by_crc ? "crc" : "data";
    const auto text = by_crc ? crc32_hex(wanted) : to_hex(wanted);
    const auto& found = answer.fields.at(key);
    if (found == text) return {};
    return trouble(Verdict::Fail, "expected " + key + "=" + text + ", the answer has " + key + "=" + found);
  }

  Done perform_step(const DiskAction& action) {
    if (auto done = perform(action, directory_); !done) return trouble(Verdict::BrokenHarness, done.error());
    switch (action.what) {
      case DiskAction::What::Unlink:
        names_.erase(action.name);
        break;
      case DiskAction::What::Rename:
        names_.erase(action.name);
        names_.insert(action.target);
        break;
      default:
        names_.insert(action.name);
    }
    return {};
  }

  Done perform_step(const DiskCheck& wanted) const {
    if (auto met = check(wanted, directory_); !met) return trouble(Verdict::Fail, met.error());
    return {};
  }

  Done perform_step(const Listing& listing) {
    names_ = {listing.names.begin(), listing.names.end()};
    return compare_names();
  }

  Done compare_names() const {
    const auto found = names_in(directory_);
    if (std::ranges::equal(found, names_)) return {};
    return trouble(Verdict::Fail, "the directory of the case holds " + list_of(found) + "; expected " +
                                      list_of({names_.begin(), names_.end()}));
  }

  Done perform_step(const MappingCheck& wanted) {
    Side& side = wanted.peer ? peer_ : main_;
    if (!side.adapter->running()) return trouble(Verdict::Fail, "the adapter is not running any more");
    const auto object = side.objects[wanted.object];
    const auto file = wanted.file.empty() ? object.file : directory_ + "/" + wanted.file;
    std::vector<Region> regions;
    for (auto& region : read_regions(side.adapter->pid())) {
      const bool mine = file.empty() ? region.contains(object.address) : region.is_of(file);
      if (mine) regions.push_back(std::move(region));
    }
    if (wanted.descriptors) {
      const auto open =
          std::ranges::count_if(open_descriptors(side.adapter->pid()), [&](const std::string& descriptor) {
            return descriptor.ends_with(" -> " + file) || descriptor.ends_with(" -> " + file + " (deleted)");
          });
      if (open != *wanted.descriptors)
        return trouble(Verdict::Fail, "expected descriptors=" + std::to_string(*wanted.descriptors) +
                                          ", the adapter has " + std::to_string(open) + " of " + file);
    }
    return judge_regions(wanted, regions, file.empty() ? "memory of the object" : fs::path(file).filename().string());
  }

  Done judge_regions(const MappingCheck& wanted, const std::vector<Region>& regions, const std::string& what) const {
    std::string seen;
    for (const auto& region : regions) seen += "\n  " + region.text();
    const bool dirty = std::ranges::any_of(regions, [](const Region& region) { return region.dirty > 0; });
    std::string wrong;
    switch (wanted.what) {
      case MappingCheck::What::Unmapped:
        if (!regions.empty()) wrong = "the adapter still maps " + what;
        break;
      case MappingCheck::What::Clean:
        if (regions.empty() || dirty) wrong = "no clean mapping of " + what;
        break;
      case MappingCheck::What::Dirty:
        if (!dirty) wrong = "no mapping of " + what + " with a dirty page";
        break;
      case MappingCheck::What::Mapped:
        if (std::ranges::none_of(regions, [&](const Region& region) { return fits(wanted, region); }))
          wrong = "no mapping of " + what + " is as the case says";
        break;
    }
    if (wrong.empty()) return {};
    return trouble(Verdict::Fail,
                   wrong + (regions.empty() ? "; the adapter maps nothing of it" : "; the system shows" + seen));
  }

  bool fits(const MappingCheck& wanted, const Region& region) const {
    const bool random = region.flags.find(" rr") != std::string::npos;
    const bool sequential = region.flags.find(" sr") != std::string::npos;
    const Platform& platform = session_.adapter.language().platform;
    const auto before = wanted.offset.value_or(0) % platform.granularity;
    return (wanted.protection.empty() || shown(wanted.protection, platform) == region.protection) &&
           (!wanted.offset || *wanted.offset - before == region.offset) &&
           (!wanted.length || *wanted.length + before == region.length()) &&
           (wanted.advice.empty() ||
            ((wanted.advice == "random") == random && (wanted.advice == "sequential") == sequential)) &&
           (wanted.resident.empty() || region.resident == (wanted.resident == "all" ? region.length() : 0)) &&
           (!wanted.free_address || region.begin == free_address_) &&
           (!wanted.taken_address || region.begin == taken_address_);
  }

  static std::string shown(std::string protection, const Platform& platform) {
    if (platform.readonly_is_shared && protection[1] != 'w') protection.back() = 's';
    return protection;
  }

  Done perform_step(const Limit& limit) {
    auto found = side(false);
    if (!found) return std::unexpected(found.error());
    const auto pid = (*found)->adapter->pid();
    const bool memory = limit.what == Limit::What::AddressSpace;
    const auto used = memory ? address_space_used(pid) : lowest_free_descriptor(pid);
    rlimit now{};
    const auto resource = memory ? RLIMIT_AS : RLIMIT_NOFILE;
    if (prlimit(pid, resource, nullptr, &now) != 0) return trouble(Verdict::BrokenHarness, std::strerror(errno));
    now.rlim_cur = std::min(now.rlim_max, static_cast<rlim_t>(used + limit.more));
    if (prlimit(pid, resource, &now, nullptr) != 0) return trouble(Verdict::BrokenHarness, std::strerror(errno));
    return {};
  }

  Done perform_step(const Unprivileged&) const { return {}; }

  Done perform_step(const Kill& kill) {
    Side& side = kill.peer ? peer_ : main_;
    if (!side.adapter->running()) return trouble(Verdict::BrokenHarness, "there is no process to kill yet");
    side.adapter->kill();
    side.objects.clear();
    return {};
  }

  // Drops all objects and looks for what is left; then removes the directory.
  Done conclude() {
    Done done;
    for (Side* side : {&main_, &peer_}) {
      if (side->adapter == nullptr || !side->used || !side->adapter->running()) continue;
      auto left = look_for_leaks(*side);
      if (errors_.empty()) errors_ = side->adapter->recent_errors();
      if (done && !left) done = left;
    }
    if (own_) {
      auto ended = own_->finish();
      if (done && !ended) done = ended;
      own_->kill();
    }
    if (done) done = compare_names();
    session_.adapter.trace_to(nullptr);
    session_.peer.trace_to(nullptr);
    if (!session_.keep_directories && !directory_.empty()) remove_directory(directory_);
    return done;
  }

  Done look_for_leaks(Side& side) const {
    const auto reset = side.adapter->ask("reset");
    if (!reset) return std::unexpected(reset.error());
    if (reset->status != Answer::Status::Ok) return trouble(Verdict::BrokenHarness, "reset was not answered with ok");
    const auto pid = side.adapter->pid();
    std::string left;
    if (reset->fields.at("live") != "0") left = "after reset live=" + reset->fields.at("live") + ", expected 0";
    for (const auto& descriptor : open_descriptors(pid))
      if (std::ranges::find(side.descriptors, descriptor) == side.descriptors.end())
        left += (left.empty() ? "" : "\n") + std::string("after reset a descriptor is still open: ") + descriptor;
    for (const auto& region : read_regions(pid))
      if (region.path.starts_with(directory_ + "/"))
        left += (left.empty() ? "" : "\n") + std::string("after reset ") + region.path + " is still mapped";
    if (left.empty()) return {};
    side.adapter->kill();  // the next case begins without what this one left
    return trouble(Verdict::Leak, left);
  }

  const Case& case_;
  Session& session_;
  Outcome outcome_;
  std::string directory_;
  std::set<std::string> names_;
  std::unique_ptr<Adapter> own_;
  bool unprivileged_ = false;
  Side main_;
  Side peer_;
  std::uint64_t free_address_ = 0;
  std::uint64_t taken_address_ = 0;
  std::string errors_;
};

}  // namespace

Outcome run_case(const Case& one, Session& session) {
  auto outcome = CaseRun(one, session).run();
  // The system may write pages back at any moment. That a page is dirty only shows that the case could have failed, so
  // it may be looked for again.
  const auto not_dirty = [&] {
    return outcome.verdict == Verdict::Fail &&
           (outcome.step.starts_with("dirty ") || outcome.step.starts_with("peer dirty "));
  };
  for (int again = 0; again < 2 && not_dirty(); ++again) outcome = CaseRun(one, session).run();
  return outcome;
}

}  // namespace stdbind::conform
